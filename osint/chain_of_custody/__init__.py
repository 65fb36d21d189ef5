"""Who did what, when, to which bytes: the ledger, the evidence it names, and their verification."""
