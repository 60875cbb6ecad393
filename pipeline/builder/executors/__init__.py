"""Who works ahead: batches of jobs go out, their results come in.

pool.py         processes of this machine
cluster.py      the workers of a Dask cluster, on whatever machines

Both are executors of the standard library's kind underneath. Jobs and results are values: nothing is read of the
course, and nothing is written.
"""
