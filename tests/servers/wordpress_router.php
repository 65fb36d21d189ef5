<?php
// What Apache does with WordPress's .htaccess: files as they are, every other address to index.php.
// Without pretty addresses (and so without a .htaccess) an address that is no file is not found.
$path = rawurldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) ?? '/' );
$file = $_SERVER['DOCUMENT_ROOT'] . $path;
if ( is_file( $file ) || is_file( rtrim( $file, '/' ) . '/index.php' ) && '/' !== $path ) {
	return false;
}
if ( '/' !== $path && '' === getenv( 'WORDPRESS_PERMALINKS' ) ) {
	http_response_code( 404 );
	echo '<!DOCTYPE html><title>404 Not Found</title><h1>Not Found</h1>';
	return true;
}
$_SERVER['SCRIPT_NAME']     = '/index.php';
$_SERVER['PHP_SELF']        = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
unset( $_SERVER['PATH_INFO'] );
chdir( $_SERVER['DOCUMENT_ROOT'] );
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
