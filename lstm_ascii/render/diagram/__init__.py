"""The pictures: each composed by code from boxes, operators, wires and arrows."""
