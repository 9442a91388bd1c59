"""Every exception of Indelible."""


class IndelibleWarning(UserWarning):
    """Something that may lose a change."""
