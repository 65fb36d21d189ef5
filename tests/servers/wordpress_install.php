<?php
// Installs WordPress into an empty database, as its own installer does. Input: JSON {title, administrator}.
define( 'WP_INSTALLING', true );
$question = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
require getenv( 'WORDPRESS_FOLDER' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$made = wp_install( $question['title'], $question['administrator'], 'editor@tidewater.example', true, '', wp_generate_password( 24 ) );
echo "\n", json_encode( array( 'version' => $wp_version, 'administrator' => $made['user_id'] ) ), "\n";
