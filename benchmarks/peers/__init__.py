"""What people would use instead, each in the manner of its own tutorial, in our own words.

    python -m benchmarks.peers.NAME trial|small|empty [--part N]

prints one line of JSON. All train the same network on the same images for the same epochs, and measure the validation
set, most of them after every epoch; none makes the pass over the training set that a trial of ours makes besides.
"""
