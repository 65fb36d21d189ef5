<?php
// Fills a fresh WordPress with the invented blog through WordPress's own functions.
// Input: JSON {zone, permalinks, authors, images: {name: path}, posts}. Output: JSON {posts: [{id, url, guid}], images: {name: url}}.
$question = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
require getenv( 'WORDPRESS_FOLDER' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';

function or_end( $result ) {
	if ( is_wp_error( $result ) || ! $result ) {
		fwrite( STDERR, is_wp_error( $result ) ? $result->get_error_message() : 'WordPress returned nothing' );
		exit( 1 );
	}
	return $result;
}

function local( $utc ) {
	return get_date_from_gmt( $utc );
}

function remove_examples() {
	foreach ( get_posts( array( 'post_type' => array( 'post', 'page' ), 'post_status' => 'any', 'numberposts' => -1 ) ) as $post ) {
		wp_delete_post( $post->ID, true );
	}
}

function make_authors( $authors ) {
	$numbers = array();
	foreach ( $authors as $login => $name ) {
		$number = username_exists( $login );
		$fields = array( 'user_login' => $login, 'display_name' => $name, 'role' => 'editor', 'user_email' => "$login@tidewater.example" );
		$fields += $number ? array( 'ID' => $number ) : array( 'user_pass' => wp_generate_password( 24 ) );
		$numbers[ $login ] = or_end( $number ? wp_update_user( $fields ) : wp_insert_user( $fields ) );
	}
	return $numbers;
}

function make_categories( $names ) {
	return array_map( 'intval', array_map( fn( $name ) => wp_create_category( $name ), $names ) );
}

function make_comments( $post, $comments ) {
	$numbers = array();
	foreach ( $comments as $comment ) {
		$numbers[] = or_end( wp_insert_comment( wp_slash( array(
			'comment_post_ID'  => $post,
			'comment_author'   => $comment['author'],
			'comment_date_gmt' => $comment['written'],
			'comment_date'     => local( $comment['written'] ),
			'comment_content'  => $comment['text'],
			'comment_approved' => $comment['approved'] ? 1 : 0,
			'comment_parent'   => null === $comment['answers'] ? 0 : $numbers[ $comment['answers'] ],
		) ) ) );
	}
}

function add_image( $post, $name, $path ) {
	$copy = wp_tempnam( $name );
	copy( $path, $copy );
	$number = or_end( media_handle_sideload( array( 'name' => $name, 'tmp_name' => $copy ), $post ) );
	set_post_thumbnail( $post, $number );
	$figure = wp_get_attachment_image( $number, 'large' );
	$block  = "<!-- wp:image {\"id\":$number,\"sizeSlug\":\"large\"} -->\n<figure class=\"wp-block-image size-large\">$figure</figure>\n<!-- /wp:image -->";
	or_end( wp_update_post( wp_slash( array( 'ID' => $post, 'post_content' => get_post( $post )->post_content . "\n" . $block ) ) ) );
	return wp_get_attachment_url( $number );
}

// The editor in the browser saves an unnamed draft first, so a guid is the address "?p=" for ever.
function as_the_editor_names_it( $number ) {
	global $wpdb;
	$guid = home_url( "/?p=$number" );
	$wpdb->update( $wpdb->posts, array( 'guid' => $guid ), array( 'ID' => $number ) );
	clean_post_cache( $number );
	return $guid;
}

function make_post( $post, $authors ) {
	return or_end( wp_insert_post( wp_slash( array(
		'post_title'    => $post['title'],
		'post_content'  => $post['text'],
		'post_status'   => $post['status'],
		'post_password' => $post['password'],
		'post_author'   => $authors[ $post['author'] ],
		'post_date_gmt' => $post['published'],
		'post_date'     => local( $post['published'] ),
		'post_category' => make_categories( $post['categories'] ),
		'tags_input'    => $post['tags'],
	) ), true ) );
}

// Each option first: dates and addresses below depend on them.
update_option( 'timezone_string', $question['zone'] );
update_option( 'ping_sites', '' );
$wp_rewrite->set_permalink_structure( $question['permalinks'] );
$wp_rewrite->flush_rules( false );
remove_examples();
$authors = make_authors( $question['authors'] );
// An editor may publish any HTML; a script without a signed-in user may not.
wp_set_current_user( reset( $authors ) );
kses_remove_filters();

$answer = array( 'posts' => array(), 'images' => (object) array() );
foreach ( $question['posts'] as $post ) {
	$number = make_post( $post, $authors );
	$guid   = as_the_editor_names_it( $number );
	make_comments( $number, $post['comments'] );
	if ( null !== $post['image'] ) {
		$answer['images']->{ $post['image'] } = add_image( $number, $post['image'], $question['images'][ $post['image'] ] );
	}
	if ( $post['edited'] ) {
		or_end( wp_update_post( wp_slash( array( 'ID' => $number, 'post_content' => $post['text'] . "\n<p>Edited.</p>" ) ) ) );
	}
	$answer['posts'][] = array( 'id' => $number, 'url' => get_permalink( $number ), 'guid' => $guid );
}
echo "\n", json_encode( $answer, JSON_THROW_ON_ERROR ), "\n";
