<?php
// Lives through the invented wiki's history, step by step, at the time of each step, with MediaWiki's own functions.
// Input: JSON {steps}. Output: JSON {version, steps: [{id}]}; the id of the revision that an edit made, or null.
use MediaWiki\MediaWikiServices;
use MediaWiki\Revision\RevisionRecord;
use MediaWiki\Revision\SlotRecord;
use Wikimedia\Timestamp\ConvertibleTimestamp;

require_once getenv( 'MW_INSTALL_PATH' ) . '/maintenance/Maintenance.php';

class SeedInventedWiki extends Maintenance {
	public function execute() {
		$question = json_decode( $this->getStdin( Maintenance::STDIN_ALL ), true, 512, JSON_THROW_ON_ERROR );
		$answer = [ 'version' => MW_VERSION, 'steps' => [] ];
		foreach ( $question['steps'] as $step ) {
			ConvertibleTimestamp::setFakeTime( $step['made'] );
			$answer['steps'][] = [ 'id' => $this->live( $step, $this->person( $step['user'] ) ) ];
			// What follows a change (recent changes, counts) belongs to the same moment.
			DeferredUpdates::doUpdates();
		}
		$this->output( "\n" . json_encode( $answer, JSON_THROW_ON_ERROR ) . "\n" );
	}

	private function person( string $name ): User {
		$factory = MediaWikiServices::getInstance()->getUserFactory();
		if ( \Wikimedia\IPUtils::isIPAddress( $name ) ) {
			return $factory->newAnonymous( $name );
		}
		$user = $factory->newFromName( $name );
		if ( !$user->isRegistered() ) {
			$this->must( $user->addToDatabase() );
		}
		return $user;
	}

	private function live( array $step, User $user ): ?int {
		$title = Title::newFromTextThrow( $step['title'] );
		switch ( $step['step'] ) {
			case 'edit':
				return $this->edit( $title, $user, $step );
			case 'move':
				$move = MediaWikiServices::getInstance()->getMovePageFactory()->newMovePage( $title, Title::newFromTextThrow( $step['text'] ) );
				$this->must( $move->move( $user, $step['comment'], true ) );
				return null;
			case 'delete':
				$page = MediaWikiServices::getInstance()->getWikiPageFactory()->newFromTitle( $title );
				$delete = MediaWikiServices::getInstance()->getDeletePageFactory()->newDeletePage( $page, $user );
				$this->must( $delete->forceImmediate( true )->deleteUnsafe( $step['comment'] ) );
				return null;
			case 'withhold':
				$this->withhold( $title, $user, $step['comment'] );
				return null;
		}
	}

	private function edit( Title $title, User $user, array $step ): int {
		$updater = MediaWikiServices::getInstance()->getWikiPageFactory()->newFromTitle( $title )->newPageUpdater( $user );
		$updater->setContent( SlotRecord::MAIN, ContentHandler::makeContent( $step['text'], $title ) );
		$revision = $updater->saveRevision( CommentStoreComment::newUnsavedComment( $step['comment'] ), $step['minor'] ? EDIT_MINOR : 0 );
		$this->must( $updater->getStatus() );
		return $revision->getId();
	}

	// MediaWiki does not hide the text of a page's newest revision, so the one before it loses its text.
	private function withhold( Title $title, User $user, string $comment ): void {
		$context = new DerivativeContext( RequestContext::getMain() );
		$context->setUser( $user );
		$newest = $title->getLatestRevID( Title::READ_LATEST );
		$older = MediaWikiServices::getInstance()->getRevisionLookup()->getRevisionById( $newest )->getParentId();
		foreach ( [ [ $newest, RevisionRecord::DELETED_USER ], [ $older, RevisionRecord::DELETED_TEXT ] ] as [ $id, $bit ] ) {
			$list = RevisionDeleter::createList( 'revision', $context, $title, [ $id ] );
			$this->must( $list->setVisibility( [ 'value' => [ $bit => 1 ], 'comment' => $comment ] ) );
		}
	}

	private function must( StatusValue $status ): void {
		if ( !$status->isGood() ) {
			$this->fatalError( (string)$status );
		}
	}
}

$maintClass = SeedInventedWiki::class;
require_once RUN_MAINTENANCE_IF_MAIN;
