r"""CoLA: is a sentence acceptable English?

    flax-albert finetune classify --recipe cola --model albert-base-v2 --train CoLA/train.tsv \
        --eval CoLA/dev.tsv --output cola

Columns: the dataset's own train.tsv and dev.tsv, which have no header, or those of GLUE.

Expected: Matthews' correlation on dev, times 100, xxlarge: 71.4 (Table 9 of the paper; trained for 1.5M steps).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Classify(metrics=("matthews", "accuracy")),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=16,
        steps=5336,
        warmup=320,
        optimizer=OptimizerSettings(learning_rate=1e-5),
        classifier_dropout=0.1,
    ),
)
