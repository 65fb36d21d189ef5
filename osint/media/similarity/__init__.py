"""Which pictures look the same, by perceptual hashes: a lead that a person confirms side by side.

``pixels.hash_picture`` decodes and hashes in the sandbox, ``pictures.same_pictures`` makes the table; ``films`` does
both for films. This file imports nothing, because the worker of the sandbox should load no more than it needs.
"""
