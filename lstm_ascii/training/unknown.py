from lstm_ascii.unknown import *  # noqa
from lstm_ascii.unknown import unknown_class  # noqa
