"""Live models, which their frameworks run: what went into each recurrent layer is opened up by our engine.

``torch``, ``keras`` and ``onnxruntime`` are taken from ``sys.modules``, where the caller's model brought them; nothing
here imports them.
"""
