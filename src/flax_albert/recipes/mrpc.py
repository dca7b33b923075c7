r"""MRPC: do two sentences say the same?

    flax-albert finetune classify --recipe mrpc --model albert-base-v2 --format tsv \
        --train MRPC/msr_paraphrase_train.txt --eval MRPC/msr_paraphrase_test.txt --output mrpc

Columns: #1 String, #2 String, Quality.

Expected: on dev, xxlarge: 90.9 (Table 9 of the paper; trained for 1.5M steps).

Learning rate, batch, steps, warm-up, dropout of the classifier and length are those of Table 14 of the ALBERT paper.
"""

from flax_albert.recipes.recipe import Recipe
from flax_albert.training.finetuning.classify import Classify
from flax_albert.training.finetuning.settings import FineTuningSettings
from flax_albert.training.settings import OptimizerSettings

RECIPE = Recipe(
    kind=Classify(metrics=("accuracy_and_f1", "accuracy", "f1")),
    settings=FineTuningSettings(
        max_length=512,
        batch_size=32,
        steps=800,
        warmup=200,
        optimizer=OptimizerSettings(learning_rate=2e-5),
        classifier_dropout=0.1,
    ),
)
