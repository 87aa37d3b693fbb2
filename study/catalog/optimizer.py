"""How does the choice of optimiser affect accuracy and the number of epochs that it takes?

SGD against Adam, and the other optimisers that the chapter names, all at a rate of 0.01.
"""

from study.catalog._shorthand import CHAPTER, about, at, between, first, more, words
from study.spec.claims import Claim, Level
from study.spec.study import Arm, Study

study = Study(
    name="optimizer",
    title="The optimiser",
    question=words(__doc__),
    family=CHAPTER,
    knobs=("optimizer", "weight_decay", "lbfgs_max_iter", "lbfgs_history"),
    epochs=10,
    base={"lr": 0.01},
    arms=(
        Arm(name="sgd", say="SGD", change={"optimizer": "sgd"}),
        Arm(name="adam", say="Adam", change={"optimizer": "adam"}),
        Arm(name="adagrad", say="Adagrad", change={"optimizer": "adagrad"}),
        Arm(name="adadelta", say="Adadelta", change={"optimizer": "adadelta"}),
        Arm(
            name="adamw",
            say="AdamW",
            change={"optimizer": "adamw", "weight_decay": 0.01},
            note="with PyTorch's own decay of 0.01; without any it would be Adam itself",
        ),
        Arm(
            name="lbfgs",
            say="L-BFGS",
            change={"optimizer": "lbfgs", "lbfgs_max_iter": 20, "lbfgs_history": 10},
            note="PyTorch's own 20 inner iterations a batch; 10 kept update pairs, not its 100, which cost more and were not tried",
        ),
        Arm(name="rmsprop", say="RMSprop", change={"optimizer": "rmsprop"}),
    ),
    baseline="sgd",
    claims=(
        Claim(
            id="optimizer-1",
            statement="Adam 0.01 stays close to 85 % validation accuracy.",
            parts=(
                between(at("adam", "val_accuracy", "mean"), about(85)),
                Level(quantity=at("adam", "val_accuracy", "min"), low=0.80),
                Level(quantity=at("adam", "val_accuracy", "max"), high=0.90),
            ),
            note="close to 85 %: 83 to 87 % in the mean over the epochs; stays: no epoch outside 80 to 90 %",
        ),
        Claim(
            id="optimizer-2",
            statement="Adam reaches its accuracy in fewer epochs than SGD.",
            parts=(more(first("sgd", "val_accuracy", 0.85), first("adam", "val_accuracy", 0.85)),),
            note="its accuracy: the 85 % of the statement before; never within 10 epochs counts as later than all",
        ),
    ),
)
