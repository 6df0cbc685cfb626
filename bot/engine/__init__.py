"""The only room that imports Rasa: the agent, in-process actions, graph components and the importer.

`pool` and `child` are the outside of it: they import nothing of Rasa, so that the gateway can run without it.
"""
