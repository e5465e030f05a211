"""One word at a time: what `step` shows at a place of the walk through a sentence."""
