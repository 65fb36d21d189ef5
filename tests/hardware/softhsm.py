"""What the tests know about SoftHSM."""

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
PIN = "482916"
EDWARDS25519 = b"\x13\x0cedwards25519"  # the curve's name as PKCS #11 spells it: a PrintableString in DER
