r"""SST-2: is a sentence of a film review positive?

    flax-albert finetune classify --recipe sst2 --model albert-base-v2 --train SST-2/train.tsv \
        --eval SST-2/dev.tsv --output sst2

Columns: sentence, label.

Expected: accuracy on dev, v2: base 92.9, large 94.9, xlarge 95.4, xxlarge 96.8 (the published code's README).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.
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
        steps=20935,
        warmup=1256,
        optimizer=OptimizerSettings(learning_rate=1e-5),
        classifier_dropout=0.1,
    ),
)
