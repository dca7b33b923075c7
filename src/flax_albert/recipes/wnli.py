r"""WNLI: does a sentence follow, with its pronoun replaced?

    flax-albert finetune classify --recipe wnli --model albert-base-v2 --train WNLI/train.tsv \
        --eval WNLI/dev.tsv --output wnli

Columns: sentence1, sentence2, label.

Expected: none is published for a single model on dev.

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.

The paper trained its first models with ALBERT dropout 0.1 here: --hidden-dropout 0.1 --attention-dropout 0.1. The
second version's have none, nor has this recipe.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Classify(metrics=("accuracy",)),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=16,
        steps=2000,
        warmup=250,
        optimizer=OptimizerSettings(learning_rate=2e-5),
        classifier_dropout=0.1,
    ),
)
