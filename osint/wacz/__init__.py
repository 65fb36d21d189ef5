"""Web archives in one file: WACZ 1.1.1, written, checked and read. A format and nothing else: no policy, no ledger.

``package.write_wacz`` writes, ``check.check_wacz`` judges what this program wrote, ``reading.open_wacz`` reads what any
program wrote.

Source: https://specs.webrecorder.net/wacz/1.1.1/ and https://specs.webrecorder.net/wacz-auth/0.1.0/
"""
