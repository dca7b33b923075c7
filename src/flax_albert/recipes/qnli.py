r"""QNLI: does a sentence hold the answer to a question?

    flax-albert finetune classify --recipe qnli --model albert-base-v2 --train QNLI/train.tsv \
        --eval QNLI/dev.tsv --output qnli

Columns: question, sentence, label.

Expected: accuracy on dev, xxlarge: 95.3 (Table 9 of the paper; trained for 1.5M steps).

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
        steps=33112,
        warmup=1986,
        optimizer=OptimizerSettings(learning_rate=1e-5),
        classifier_dropout=0.1,
    ),
)
