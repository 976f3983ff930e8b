using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Utils.Tests.Benchmarks;
using Trt.Utils.Tests.Engines;
using Trt.Utils.Tests.Inference;
using Trt.Utils.Tests.Networks;
using Trt.Utils.Tests.Quantization;
using Trt.Utils.Tests.Refitting;

namespace Trt.GpuTests.Suite;

/// <summary>The classes of Trt.Utils' tests by the part that runs them.</summary>
internal static class UtilsClasses
{
    private const string OwnWords = "it asserts the CPU runtime's own words";
    private const string OwnRules = "it asserts rules and sizes of the CPU runtime that NVIDIA's libraries need not share";
    private const string OwnNumbers = "its tolerances are those of the CPU runtime's arithmetic";
    private const string OwnPlans = "a plan of the CPU runtime is refused for the release that it is laid out as";
    private const string OwnCaches = "its caches are written by hand in the CPU runtime's form";
    private const string OfRtx = "it loads TensorRT-RTX by itself";
    private const string OwnProgram = "it starts its own project's program again";
    private const string Long = "it builds for minutes and shows no more than its smaller kin";
    private const string Typed = "networks of this release are strongly typed";
    private const string Setting = nameof(BuildOptionsTests.Option_reaches_the_configuration);

    /// <summary>Building, its options, profiles, progress, refusals; files, caches and heads of plans.</summary>
    public static IReadOnlyList<SuiteClass> Engines { get; } =
    [
        new SuiteClass(typeof(EngineBuilderTests), OwnWords,
            nameof(EngineBuilderTests.Onnx_file_with_a_profile), nameof(EngineBuilderTests.Onnx_in_memory_and_in_a_stream), nameof(EngineBuilderTests.Network_of_a_function),
            nameof(EngineBuilderTests.Build_on_a_thread_of_its_own), nameof(EngineBuilderTests.Function_that_throws_is_not_wrapped), nameof(EngineBuilderTests.Hooks_see_network_and_configuration),
            nameof(EngineBuilderTests.Read_back_can_be_left_out)),
        new SuiteClass(typeof(BuildOptionsTests), OwnRules,
            [
                .. new[]
                {
                    "OptimizationLevel", "AvgTimingIterations", "MaxTactics", "Tiling", "L2LimitForTiling", "MaxAuxStreams", "Workspace", "NoTimingCache", "Refit", "ProfilingVerbosity", "StrictNans", "TF32",
                    "FP16", "Constraints", "RuntimePlatform", "Profiles",
                }.Select(name => $"{Setting}(name: \"{name}"),
                nameof(BuildOptionsTests.Individual_weights_are_marked_and_the_engine_refits_them), nameof(BuildOptionsTests.Outputs_are_marked_and_unmarked_by_name),
                nameof(BuildOptionsTests.Debug_tensors_can_be_watched_in_the_engine), nameof(BuildOptionsTests.Threads_reach_the_builder),
                nameof(BuildOptionsTests.Sparsity_by_force_zeroes_the_two_smallest_of_four_along_the_channels), nameof(BuildOptionsTests.Sparse_pattern_runs_along_an_inner_axis_too),
            ])
            .Without($"{Setting}(name: \"Int8\"", IsTyped, Typed)
            .Without($"{Setting}(name: \"FP8\"", IsTyped, Typed)
            .Without($"{Setting}(name: \"Int4\"", IsTyped, Typed)
            .Without($"{Setting}(name: \"FP4\"", IsTyped, Typed)
            .Without(nameof(BuildOptionsTests.Precisions_of_layers_and_outputs_by_name_and_pattern_the_last_one_wins), IsTyped, Typed)
            .Without(nameof(BuildOptionsTests.Arbitrary_ranges_are_set_where_there_are_none), IsTyped, Typed)
            .Without(nameof(BuildOptionsTests.Formats_of_inputs_and_outputs_by_name_by_number_and_for_all), IsTyped, Typed)
            .Without(nameof(BuildOptionsTests.Network_flags_and_strong_typing_reach_the_network), IsTyped, Typed)
            .Without(nameof(BuildOptionsTests.Best_says_what_it_leaves_out_and_why), IsTyped, Typed),
        new SuiteClass(typeof(BuildPrecisionTests), OwnNumbers,
            nameof(BuildPrecisionTests.Layers_are_kept_in_32_bits_by_name), nameof(BuildPrecisionTests.File_that_is_no_calibration_cache_is_refused),
            nameof(BuildPrecisionTests.Network_in_which_nothing_can_be_converted_says_so))
            .Without(nameof(BuildPrecisionTests.Cache_of_a_calibration_builds_the_same_engine_without_data), IsTyped, Typed)
            .Without(nameof(BuildPrecisionTests.File_that_is_no_calibration_cache_is_refused), IsTyped, Typed)
            .Without(nameof(BuildPrecisionTests.Best_takes_a_calibration_in_both_kinds_of_typing), IsTyped, Typed)
            .Without($"{nameof(BuildPrecisionTests.Int8_by_the_same_call_with_calibrator_or_written_layers)}(typed: False", IsTyped, Typed)
            .Without("TensorRT_RTX", _ => true, OfRtx),
        new SuiteClass(typeof(BuildProfileTests), OwnRules, "*"),
        new SuiteClass(typeof(BuildProgressTests), OwnRules,
            [
                .. new[] { "Hashing model", "Defining network", "Applying options", "Building plan" }.Select(phase => $"{nameof(BuildProgressTests.Cancelled_in_any_phase_and_the_next_build_works)}(phase: \"{phase}"),
                nameof(BuildProgressTests.Cancelled_before_it_begins), nameof(BuildProgressTests.Console_with_a_terminal_draws_one_line_anew_and_clears_it),
                nameof(BuildProgressTests.Console_without_a_terminal_tells_a_line_for_each_phase),
            ])
            .Without("*", library => !library.Supports("IBuilderConfig.setProgressMonitor"), "this release has no progress monitor")
            .Without(nameof(BuildProgressTests.Phases_of_TensorRT_RTX_are_its_own), _ => true, OfRtx)
            .Without(nameof(BuildProgressTests.Cancelled_on_TensorRT_RTX_and_the_next_build_works), _ => true, OfRtx),
        new SuiteClass(typeof(BuildRefusalTests), OwnWords, nameof(BuildRefusalTests.A_lean_runtime_builds_nothing_and_says_so))
            .OnlyDirectly(nameof(BuildRefusalTests.On_the_cpu_runtime), OwnWords)
            .OnlyDirectly(nameof(BuildRefusalTests.Every_refusal_is_told_at_once_with_the_releases_that_can), OwnWords)
            .OnlyDirectly(nameof(BuildRefusalTests.Password_is_in_no_message), OwnWords)
            .OnlyDirectly(nameof(BuildRefusalTests.What_the_library_changes_is_a_warning), OwnWords)
            .Without(nameof(BuildRefusalTests.On_TensorRT_RTX), _ => true, OfRtx),
        new SuiteClass(typeof(EngineCacheTests), OwnRules, "*")
            .Without(nameof(EngineCacheTests.Many_threads_and_tasks_share_one_build), library => !SuiteClass.IsRehearsal(library), OwnRules)
            .Without(nameof(EngineCacheTests.Key_of_a_library_names_its_version_and_GPU), _ => true, OfRtx),
        new SuiteClass(typeof(EngineFileTests), OwnWords,
            nameof(EngineFileTests.Report_and_options_come_back_from_their_json), nameof(EngineFileTests.Loaded_in_one_call_and_computes), nameof(EngineFileTests.Straight_into_the_file_gives_the_same_as_through_memory),
            nameof(EngineFileTests.Plan_without_json_is_loaded_as_it_is), nameof(EngineFileTests.Json_that_is_none_is_refused_with_what_to_do), nameof(EngineFileTests.File_that_is_not_there_and_folder_that_cannot_be_written))
            .Without(nameof(EngineFileTests.Loaded_in_one_call_and_computes), IsLaidOut, OwnPlans)
            .Without(nameof(EngineFileTests.Straight_into_the_file_gives_the_same_as_through_memory), IsLaidOut, OwnPlans)
            .Without(nameof(EngineFileTests.Plan_without_json_is_loaded_as_it_is), IsLaidOut, OwnPlans)
            .OnlyDirectly(nameof(EngineFileTests.Json_tells_what_made_the_plan), OwnWords)
            .OnlyDirectly(nameof(EngineFileTests.Damaged_plan_is_refused_by_its_hash), OwnWords)
            .OnlyDirectly(nameof(EngineFileTests.Plan_of_another_product_is_refused_by_the_json), OwnWords)
            .Without(nameof(EngineFileTests.Plan_of_another_release_is_refused_by_the_json_unless_version_compatible), _ => true, OfRtx),
        new SuiteClass(typeof(EngineSourceTests), OwnRules, "*"),
        OfBoth(new SuiteClass(typeof(OnnxSourceTests), "nothing is known of what NVIDIA's parsers do with damaged models", OnnxSources),
            [.. OnnxSources, nameof(OnnxSourceTests.Damaged_models_give_an_engine_or_a_sentence)])
            .Without(nameof(OnnxSourceTests.Parser_flags_reach_the_parser), _ => true, OfRtx)
            .Without(nameof(OnnxSourceTests.Parser_errors_are_one_exception_with_node_operator_and_words), library => !library.Supports("IParserError.nodeName"), "parsers of this release do not name nodes")
            .Without(nameof(OnnxSourceTests.Functions_that_end_are_no_fault), library => Is8(library) && !SuiteClass.IsRehearsal(library), "parsers of this release take no local functions"),
        new SuiteClass(typeof(PlanHeadTests), OwnRules, "*")
            .Without(nameof(PlanHeadTests.Plans_of_TensorRT_RTX_tell_their_targets), _ => true, OfRtx),
        new SuiteClass(typeof(TimingCacheFileTests), OwnCaches)
            .OnlyDirectly("*", OwnCaches)
            .Without(nameof(TimingCacheFileTests.Processes_lose_nothing_of_one_another), _ => true, OwnProgram)
            .Without(nameof(TimingCacheFileTests.TensorRT_RTX_saves_and_says_that_it_cannot_read_without_a_GPU), _ => true, OfRtx),
    ];

    /// <summary>Runs of built engines by InferenceRunner, and measured ones.</summary>
    public static IReadOnlyList<SuiteClass> Inference { get; } =
    [
        new SuiteClass(typeof(RunTests), OwnRules, "*"),
        new SuiteClass(typeof(ShapeTests), OwnRules, "*"),
        new SuiteClass(typeof(TensorKindTests), OwnRules, nameof(TensorKindTests.ShapeTensorsAreReadOnTheHostAndCheckedAgainstTheProfile), nameof(TensorKindTests.ValuesInVectorsCountTheirFill))
            .Without(nameof(TensorKindTests.ShapeTensorsAreReadOnTheHostAndCheckedAgainstTheProfile), library => Is8(library) && SuiteClass.IsRehearsal(library), "the CPU runtime has no bindings by number"),
        new SuiteClass(typeof(WrongUseTests), OwnRules, "*"),
        new SuiteClass(typeof(GraphTests), "it asserts when the CPU runtime asks an output allocator", "*")
            .Without(nameof(GraphTests.AFailureWhileRecordingLeavesTheStreamUsable), IsNvidias, "it asserts when the CPU runtime asks an output allocator")
            .Without(nameof(GraphTests.AnInvalidatedRecordingLeavesTheStreamUsable), IsNvidias, "it asserts when the CPU runtime asks an output allocator"),
        new SuiteClass(typeof(ParallelTests), OwnRules, "*"),
        new SuiteClass(typeof(LoadTests), OwnRules, "*")
            .Without(nameof(LoadTests.FilesAndBytes), IsLaidOut, OwnPlans),
        new SuiteClass(typeof(EngineBenchmarkTests), OwnRules, "*")
            .Without(nameof(EngineBenchmarkTests.PausesArePauses), IsNvidias, "a GPU's clock begins to run before the stream's pause ends"),
    ];

    /// <summary>Networks from weights, and their modules against formulas.</summary>
    public static IReadOnlyList<SuiteClass> Weights { get; } =
    [
        new SuiteClass(typeof(ModelGoldenTests), OwnRules, "*")
            .Without(nameof(ModelGoldenTests.A_transformer_encoder_sorts_as_PyTorch_does), SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes)
            .Without(nameof(ModelGoldenTests.A_character_LSTM_goes_on_with_a_prompt_as_PyTorch_does), SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes),
        new SuiteClass(typeof(ResNetTests), OwnRules, "*")
            .Without("A_ResNet_follows_its_definition(name: \"101\"", IsNvidias, Long)
            .Without("A_ResNet_follows_its_definition(name: \"152\"", IsNvidias, Long),
        new SuiteClass(typeof(RefitNameTests), "what a library folds, and so keeps no names of, is its own affair", nameof(RefitNameTests.A_recipe_reads_its_name))
            .Without($"{nameof(RefitNameTests.Every_tensor_of_a_checkpoint_is_found_by_its_name)}(file: \"encoder.pth\"", SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes)
            .Without($"{nameof(RefitNameTests.Every_tensor_of_a_checkpoint_is_found_by_its_name)}(file: \"charrnn.pth\"", SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes),
        new SuiteClass(typeof(SharedWeightsTests), "what a library folds, and so keeps no names of, is its own affair",
            nameof(SharedWeightsTests.Two_checkpoints_in_one_network_need_different_names), nameof(SharedWeightsTests.Weights_of_integers_are_refused_by_name), nameof(SharedWeightsTests.A_network_of_half_precision_takes_weights_of_single_precision)),
        new SuiteClass(typeof(ConvolutionModuleTests), OwnRules, "*")
            .Without(nameof(ConvolutionModuleTests.Layers_and_weights_have_PyTorchs_names), IsNvidias, "what a library folds, and so keeps no names of, is its own affair"),
        .. new[] { typeof(ActivationModuleTests), typeof(AttentionModuleTests), typeof(LinearModuleTests), typeof(NormalizationModuleTests), typeof(PictureModuleTests), typeof(RecurrentModuleTests) }
            .Select(type => new SuiteClass(type, OwnRules, "*")),
    ];

    /// <summary>Calibration from every kind of source, layers that quantize, and networks rewritten to 16 bits.</summary>
    public static IReadOnlyList<SuiteClass> Quantization { get; } =
    [
        new SuiteClass(typeof(Int8CalibrationTests), OwnNumbers, nameof(Int8CalibrationTests.Scales_are_TensorRts), nameof(Int8CalibrationTests.The_calibrated_engine_keeps_the_accuracy))
            .Without(nameof(Int8CalibrationTests.The_calibrated_engine_keeps_the_accuracy), IsTyped, Typed),
        new SuiteClass(typeof(CalibrationFeedTests), Long, nameof(CalibrationFeedTests.Items_that_do_not_fill_a_batch_are_left_out), nameof(CalibrationFeedTests.A_wrong_item_is_named), nameof(CalibrationFeedTests.A_tensor_must_fill_its_shape)),
        new SuiteClass(typeof(CalibrationCacheTests), Long, nameof(CalibrationCacheTests.NVIDIAs_file_is_used_when_it_is_accepted)),
        new SuiteClass(typeof(ExplicitQuantizationTests), OwnNumbers,
            nameof(ExplicitQuantizationTests.The_layers_are_those_that_a_quantized_model_brings), nameof(ExplicitQuantizationTests.Layers_are_excluded_by_name_and_type), nameof(ExplicitQuantizationTests.A_network_that_is_quantized_already_stays_as_it_is)),
        new SuiteClass(typeof(ModelQuantizationTests), "8.6.0 cannot build them, and of later releases nothing is known")
            .Without(nameof(ModelQuantizationTests.The_encoder_sorts_as_before), SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes)
            .Without($"{nameof(ModelQuantizationTests.UNet_finds_the_same_shapes)}(type: Int8, isStronglyTyped: False", IsTyped, Typed)
            .Without($"{nameof(ModelQuantizationTests.The_encoder_sorts_as_before)}(type: Int8, isStronglyTyped: False", IsTyped, Typed),
        new SuiteClass(typeof(PrecisionModelTests), OwnNumbers).Without("NVIDIAs_builder", _ => true, OfRtx),
        new SuiteClass(typeof(PrecisionRewriterTests), OwnNumbers),
    ];

    /// <summary>Refits by every source.</summary>
    public static IReadOnlyList<SuiteClass> Refitting { get; } =
    [
        new SuiteClass(typeof(RefittingTests), OwnRules, "*"),
        new SuiteClass(typeof(StrippedRefitTests), OwnWords, nameof(StrippedRefitTests.FoldedNormalizationsAreComputedAnew), nameof(StrippedRefitTests.AnotherEnginesSource)),
    ];

    /// <summary>What is about TensorRT-RTX by name.</summary>
    public static IReadOnlyList<SuiteClass> Rtx { get; } =
    [
        new SuiteClass(typeof(RtxEngineTests), OwnRules, "*"),
        new SuiteClass(typeof(RtxModelTests), OwnRules, "*"),
        new SuiteClass(typeof(RtxQuantizationTests), OwnRules, "*").Without(nameof(RtxQuantizationTests.Without_the_CPU_runtime_the_error_says_what_to_do), _ => true, OwnProgram),
    ];

    private static string[] OnnxSources =>
    [
        nameof(OnnxSourceTests.External_data_beside_the_file_or_in_a_named_folder), nameof(OnnxSourceTests.External_data_that_is_not_there_is_refused_before_the_parser_reads_it),
        nameof(OnnxSourceTests.External_data_of_a_model_in_memory_needs_a_folder), nameof(OnnxSourceTests.Parser_errors_are_one_exception_with_node_operator_and_words),
        nameof(OnnxSourceTests.Files_that_hold_no_model), nameof(OnnxSourceTests.Node_without_outputs_and_function_that_calls_itself_are_refused), nameof(OnnxSourceTests.Functions_that_end_are_no_fault),
    ];

    /// <summary>Leaves out the rows of theories that are about TensorRT-RTX.</summary>
    private static SuiteClass OfBoth(SuiteClass suite, IEnumerable<string> theories) => theories.Aggregate(suite, (left, theory) => left.Without($"{theory}(rtx: True", _ => true, OfRtx));

    private static bool IsNvidias(TensorRtLibrary library) => !SuiteClass.IsRehearsal(library);

    private static bool IsLaidOut(TensorRtLibrary library) => library is LoopBackLibrary;

    private static bool Is8(TensorRtLibrary library) => library.Release.Contains("TensorRT 8.", StringComparison.Ordinal);

    private static bool IsTyped(TensorRtLibrary library) => !library.Supports(BuilderFlag.FP16);
}
