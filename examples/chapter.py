# %% [markdown]
# # The chapter in a notebook
#
# What do the knobs of a small network do? The records of the chapter's twelve studies are in this repository, so
# nothing is trained here. Run it from the project's folder or from `examples/`.

# %%
from pathlib import Path

import study

here = next(p for p in (Path.cwd(), *Path.cwd().parents) if (p / "results/chapter").is_dir())
results = study.open(here / "results/chapter")
# The page's count has also trials of seeds that its tables do not show: claims may rest on them.
print(len(results.studies), "studies,", results.trials["trial"].nunique(), "trials in the tables")

# %% [markdown]
# ## The verdicts
#
# Each claim was written down before the studies ran. `open` means that the seeds on record do not tell.

# %%
results.claims["verdict"].value_counts()

# %%
results.claims.where("verdict", "refuted")

# %% [markdown]
# ## One study: dropout
#
# The arms after their last epoch, in per cent and points, with half a 95 % interval.

# %%
results.summary().where("study", "dropout")

# %% [markdown]
# Its curves: training and validation, each with a band over seeds.

# %%
figure = results.plot("curves", "dropout")
figure

# %% [markdown]
# ## Every arm against its baseline, in pairs by seed
#
# The largest gains of validation accuracy in the chapter, in points.

# %%
effects = results.effects("val_accuracy").dropna(subset=["estimate"])
effects = effects.assign(points=100 * effects["estimate"], low=100 * effects["low"], high=100 * effects["high"])
effects.nlargest(5, "points")[["study", "arm", "points", "low", "high", "n"]].round(1)

# %% [markdown]
# ## A study of your own
#
# The tutorial in `docs/` asks a question of its own, from the first line to the last, in twenty minutes.
# `study.run("dropout", seeds=5)` trains one of these again.
