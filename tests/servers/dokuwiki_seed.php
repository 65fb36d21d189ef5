<?php
// Lives through the history of the invented DokuWiki, step by step, with DokuWiki's own functions.
// Input: JSON {steps: [{page, user, address, summary, text, minor}]}. Output: JSON {version, steps: [number of the revision]}.
define( 'DOKU_CONF', getenv( 'DOKUWIKI_CONFIGURATION' ) . '/' );
define( 'DOKU_INC', '/usr/share/dokuwiki/' );
define( 'NOSESSION', 1 );
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require_once DOKU_INC . 'inc/init.php';

$question = json_decode( stream_get_contents( STDIN ), true, 512, JSON_THROW_ON_ERROR );
$numbers  = array();
foreach ( $question['steps'] as $step ) {
	$INPUT->server->set( 'REMOTE_USER', $step['user'] );
	$INPUT->server->set( 'REMOTE_ADDR', $step['address'] );
	$cache_revinfo = array();
	// The number of a revision is the second it was made in, so two of one page need two seconds. DokuWiki takes it from
	// the time of a file, which the kernel rounds down to its last tick; so it is asked a little into the second.
	$last = (int) ( new \dokuwiki\ChangeLog\PageChangeLog( $step['page'] ) )->lastRevision();
	while ( microtime( true ) < $last + 1.05 ) {
		usleep( 50000 );
	}
	saveWikiText( $step['page'], $step['text'], $step['summary'], $step['minor'] );
	clearstatcache();
	$cache_revinfo = array();
	$numbers[]     = (int) ( new \dokuwiki\ChangeLog\PageChangeLog( $step['page'] ) )->lastRevision();
}
echo "\n", json_encode( array( 'version' => getVersion(), 'steps' => $numbers ), JSON_THROW_ON_ERROR ), "\n";
