"""The picture of an exhibit, to choose what of it is masked."""

from osint.views.mask.view import MaskView

__all__ = ["MaskView"]
