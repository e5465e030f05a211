"""The course and the glossary: texts as data (TOML), and what reads them. A teacher edits the data alone."""
