"""Runs ``wacz validate --verify-auth`` with other trusted roots: ``verify_auth.py ROOTS.yaml PACKAGE``.

The command takes no list of roots, and those it knows are of authorities on the network.
"""

import sys

import authsign.verifier
from wacz.main import main

authsign.verifier.DEFAULT_TRUSTED_ROOTS = sys.argv[1]
sys.exit(main(["validate", "--file", sys.argv[2], "--verify-auth"]))
