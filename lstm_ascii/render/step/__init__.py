"""The screen of ``step``: the words and what a unit did along them, its cell at the word at hand, what is answered."""
