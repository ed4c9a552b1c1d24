"""Read by `python3 dev.py lab`: notebooks are cleaned as they are saved, so that their diffs show what was changed."""

from nbdev.clean import clean_jupyter

c = get_config()  # noqa: F821 - Jupyter defines it
c.FileContentsManager.pre_save_hook = clean_jupyter
