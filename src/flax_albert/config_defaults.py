"""What every configuration of transformers 4.37 holds besides the keys of its own model."""

from __future__ import annotations

from typing import Any

# Keys that every configuration of transformers 4.37 has, and the value that goes unwritten. Only the first four and the
# labels mean anything to the models here; the others are kept, and written back where they differ.
GENERIC_DEFAULTS: dict[str, Any] = {
    "return_dict": True,
    "output_hidden_states": False,
    "output_attentions": False,
    "tie_word_embeddings": True,
    "architectures": None,
    "finetuning_task": None,
    "problem_type": None,
    "task_specific_params": None,
    "tokenizer_class": None,
    "torch_dtype": None,
    "transformers_version": None,
    "torchscript": False,
    "tf_legacy_loss": False,
    "use_bfloat16": False,
    "pruned_heads": {},
    "chunk_size_feed_forward": 0,
    "prefix": None,
    "sep_token_id": None,
    # of encoder-decoder models
    "is_encoder_decoder": False,
    "is_decoder": False,
    "add_cross_attention": False,
    "cross_attention_hidden_size": None,
    "tie_encoder_decoder": False,
    "decoder_start_token_id": None,
    # of text generation
    "max_length": 20,
    "min_length": 0,
    "do_sample": False,
    "early_stopping": False,
    "num_beams": 1,
    "num_beam_groups": 1,
    "diversity_penalty": 0.0,
    "temperature": 1.0,
    "top_k": 50,
    "top_p": 1.0,
    "typical_p": 1.0,
    "repetition_penalty": 1.0,
    "length_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "encoder_no_repeat_ngram_size": 0,
    "bad_words_ids": None,
    "num_return_sequences": 1,
    "output_scores": False,
    "return_dict_in_generate": False,
    "forced_bos_token_id": None,
    "forced_eos_token_id": None,
    "remove_invalid_values": False,
    "exponential_decay_length_penalty": None,
    "suppress_tokens": None,
    "begin_suppress_tokens": None,
}
