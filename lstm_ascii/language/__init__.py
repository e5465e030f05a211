"""Words: texts, vocabularies, the lexicon, the grammar of agreement English and its minimal pairs."""
