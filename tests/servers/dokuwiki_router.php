<?php
// Serves Debian's DokuWiki with the configuration in the temporary folder; files other than scripts as they are.
define( 'DOKU_CONF', getenv( 'DOKUWIKI_CONFIGURATION' ) . '/' );
$path = rawurldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) ?? '/' );
$path = '/' === $path ? '/doku.php' : $path;
if ( ! preg_match( '~^/(lib/exe/)?\w+\.php~', $path, $script ) || ! is_file( $_SERVER['DOCUMENT_ROOT'] . $script[0] ) ) {
	return false;
}
$_SERVER['SCRIPT_NAME']     = $script[0];
$_SERVER['PHP_SELF']        = $script[0];
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . $script[0];
chdir( dirname( $_SERVER['SCRIPT_FILENAME'] ) );
require $_SERVER['SCRIPT_FILENAME'];
