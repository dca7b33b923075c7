r"""QQP: do two questions ask the same?

    flax-albert finetune classify --recipe qqp --model albert-base-v2 --train QQP/train.tsv \
        --eval QQP/dev.tsv --output qqp

Columns: question1, question2, is_duplicate.

Expected: on dev, xxlarge: 92.2 (Table 9 of the paper; trained for 1.5M steps).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.

The paper trained its first models with ALBERT dropout 0.1 here: --hidden-dropout 0.1 --attention-dropout 0.1. The
second version's have none, nor has this recipe.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Classify(metrics=("accuracy_and_f1", "accuracy", "f1")),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=128,
        steps=14000,
        warmup=1000,
        optimizer=OptimizerSettings(learning_rate=5e-5),
        classifier_dropout=0.1,
    ),
)
