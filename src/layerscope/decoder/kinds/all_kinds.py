"""Every kind of error that is known, by its key."""

from layerscope.decoder.kinds import (
    allowed_values_errors,
    argument_types,
    array_errors,
    attention_errors,
    attention_kernel_errors,
    attribute_errors,
    axis_errors,
    batch_errors,
    call_errors,
    card_errors,
    channel_errors,
    checkpoint_errors,
    choice_errors,
    class_number_errors,
    combining_errors,
    data_errors,
    data_folder_errors,
    derivative_errors,
    device_errors,
    device_name_errors,
    divisor_errors,
    einsum_errors,
    file_errors,
    first_weights_errors,
    folding_errors,
    fractional_errors,
    function_errors,
    gather_errors,
    gradient_errors,
    graph_errors,
    import_errors,
    index_errors,
    installed_errors,
    label_errors,
    large_model_errors,
    layer_argument_errors,
    layer_type_errors,
    library_errors,
    lightning_errors,
    loader_errors,
    loading_errors,
    lookup_errors,
    loss_errors,
    map_errors,
    map_size_errors,
    mask_errors,
    matrix_errors,
    memory_errors,
    metric_errors,
    module_errors,
    norm_errors,
    not_finite_errors,
    not_implemented_errors,
    number_errors,
    onnx_running_errors,
    option_errors,
    packing_errors,
    padding_errors,
    parallel_errors,
    picture_errors,
    precision_errors,
    product_errors,
    python_errors,
    quantizing_errors,
    range_errors,
    ready_model_errors,
    recomputing_errors,
    recurrent_errors,
    saving_errors,
    script_errors,
    script_value_errors,
    sequence_loss_errors,
    several_cards_errors,
    several_inputs_errors,
    shown_picture_errors,
    signature_errors,
    size_errors,
    table_errors,
    text_number_errors,
    tokenizer_errors,
    trace_errors,
    training_errors,
    type_errors,
    undefined_errors,
    version_errors,
    view_errors,
    vmap_errors,
    windows_errors,
)
from layerscope.decoder.kinds.kind import Kind

KINDS: dict[str, Kind] = (
    matrix_errors.KINDS
    | channel_errors.KINDS
    | map_errors.KINDS
    | padding_errors.KINDS
    | axis_errors.KINDS
    | norm_errors.KINDS
    | divisor_errors.KINDS
    | view_errors.KINDS
    | device_errors.KINDS
    | type_errors.KINDS
    | batch_errors.KINDS
    | class_number_errors.KINDS
    | loss_errors.KINDS
    | checkpoint_errors.KINDS
    | module_errors.KINDS
    | argument_types.KINDS
    | signature_errors.KINDS
    | gradient_errors.KINDS
    | recomputing_errors.KINDS
    | index_errors.KINDS
    | combining_errors.KINDS
    | lightning_errors.KINDS
    | tokenizer_errors.KINDS
    | attribute_errors.KINDS
    | call_errors.KINDS
    | undefined_errors.KINDS
    | memory_errors.KINDS
    | card_errors.KINDS
    | device_name_errors.KINDS
    | attention_errors.KINDS
    | attention_kernel_errors.KINDS
    | allowed_values_errors.KINDS
    | choice_errors.KINDS
    | data_errors.KINDS
    | picture_errors.KINDS
    | shown_picture_errors.KINDS
    | onnx_running_errors.KINDS
    | array_errors.KINDS
    | import_errors.KINDS
    | python_errors.KINDS
    | lookup_errors.KINDS
    | label_errors.KINDS
    | layer_type_errors.KINDS
    | layer_argument_errors.KINDS
    | loading_errors.KINDS
    | not_implemented_errors.KINDS
    | parallel_errors.KINDS
    | product_errors.KINDS
    | recurrent_errors.KINDS
    | packing_errors.KINDS
    | data_folder_errors.KINDS
    | einsum_errors.KINDS
    | gather_errors.KINDS
    | not_finite_errors.KINDS
    | precision_errors.KINDS
    | saving_errors.KINDS
    | training_errors.KINDS
    | sequence_loss_errors.KINDS
    | several_inputs_errors.KINDS
    | windows_errors.KINDS
    | script_errors.KINDS
    | several_cards_errors.KINDS
    | version_errors.KINDS
    | table_errors.KINDS
    | size_errors.KINDS
    | range_errors.KINDS
    | option_errors.KINDS
    | number_errors.KINDS
    | text_number_errors.KINDS
    | file_errors.KINDS
    | vmap_errors.KINDS
    | folding_errors.KINDS
    | first_weights_errors.KINDS
    | loader_errors.KINDS
    | script_value_errors.KINDS
    | function_errors.KINDS
    | fractional_errors.KINDS
    | quantizing_errors.KINDS
    | mask_errors.KINDS
    | derivative_errors.KINDS
    | library_errors.KINDS
    | ready_model_errors.KINDS
    | metric_errors.KINDS
    | graph_errors.KINDS
    | trace_errors.KINDS
    | installed_errors.KINDS
    | large_model_errors.KINDS
    | map_size_errors.KINDS
)
"""In the order of their families; of two that match the same words the first counts."""
