"""What a media file states about itself.

``examination.examine`` reads hostile bytes in the sandbox, ``table.frame`` makes the table. This file imports nothing,
because the worker of the sandbox imports the readers and should load no more than they need.
"""
