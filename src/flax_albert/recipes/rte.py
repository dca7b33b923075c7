r"""RTE: does a text entail another?

    flax-albert finetune classify --recipe rte --model albert-base-v2 --train RTE/train.tsv \
        --eval RTE/dev.tsv --output rte

Columns: sentence1, sentence2, label.

Expected: accuracy on dev, xxlarge: 89.2 (Table 9 of the paper; trained for 1.5M steps).

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
        batch_size=32,
        steps=800,
        warmup=200,
        optimizer=OptimizerSettings(learning_rate=3e-5),
        classifier_dropout=0.1,
    ),
)
