using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Lite.Tests.Hosting;
using Trt.Lite.Tests.Inputs;
using Trt.Lite.Tests.Opening;
using Trt.Lite.Tests.Pipelines;
using Trt.Lite.Tests.Postprocessing;
using Trt.Lite.Tests.Preprocessing;
using Trt.Lite.Tests.Processing;
using Trt.Lite.Tests.Running;

namespace Trt.GpuTests.Suite;

/// <summary>The classes of Trt.Lite's tests.</summary>
internal static class LiteClasses
{
    private const string OwnSearch = "it finds the library by itself";
    private const string OwnTypes = "which types inputs and outputs may have differs from release to release";
    private const string OwnLanes = "it counts what a device in host memory has under way";
    private const string OwnPlans = "it opens a plan with the library that its head names";
    private const string OwnKernels = "it asks for equal bits, and the parts postprocessing and image-kernels compare each kernel with its twin within bounds";

    /// <summary>Openings, inputs, runs, pipelines, processing, hosting.</summary>
    public static IReadOnlyList<SuiteClass> All { get; } =
    [
        new SuiteClass(typeof(OpenTests), OwnSearch,
            nameof(OpenTests.LeNet_of_every_file_recognises_the_digits), nameof(OpenTests.The_example_of_the_README), $"{nameof(OpenTests.LeNet_in_8_bits_recognises_the_digits)}(isOfWeights: False",
            nameof(OpenTests.Built_engines_come_out_of_the_cache_the_second_time), nameof(OpenTests.Opening_on_another_thread_tells_progress_and_can_be_cancelled),
            nameof(OpenTests.Everything_else_of_a_build_is_within_reach), nameof(OpenTests.Options_that_make_no_sense_are_refused_by_name))
            .Without(nameof(OpenTests.A_transformer_from_its_checkpoint_takes_rows_of_tokens_of_any_length), SuiteClasses.HasNo64Bits, SuiteClasses.OwnShapes)
            .OnlyDirectly(nameof(OpenTests.A_plan_and_a_network_function), OwnPlans)
            .OnlyDirectly(nameof(OpenTests.Outputs_are_chosen_ordered_and_tapped), OwnPlans)
            .OnlyDirectly(nameof(OpenTests.What_cannot_be_opened_says_so_in_one_line), OwnPlans),
        new SuiteClass(typeof(MisuseTests), OwnSearch, nameof(MisuseTests.Files_that_are_no_plans), nameof(MisuseTests.A_profile_that_the_engine_does_not_have))
            .OnlyDirectly(nameof(MisuseTests.Plans_of_other_releases_and_products), OwnSearch)
            .OnlyDirectly(nameof(MisuseTests.Where_no_GPU_is_the_registered_CPU_runtime_is_taken_before_a_library_that_was_found), OwnSearch),
        new SuiteClass(typeof(InputFormTests), OwnTypes, "*")
            .Without(nameof(InputFormTests.Each_type_is_refused_where_it_would_lose_and_rounded_and_limited_where_that_is_asked), IsNvidias, OwnTypes)
            .Without(nameof(InputFormTests.Every_type_of_the_engines_comes_back), IsNvidias, OwnTypes),
        new SuiteClass(typeof(SpanTests), OwnLanes, "*")
            .OnlyDirectly(nameof(SpanTests.Nothing_is_allocated_in_the_steady_state), OwnLanes),
        new SuiteClass(typeof(PipelineTests), OwnLanes, "*")
            .Without(nameof(PipelineTests.The_source_is_held_back_when_nobody_reads_results), IsNvidias, OwnLanes),
        new SuiteClass(typeof(PipelineEndTests), OwnLanes, "*")
            .Without(nameof(PipelineEndTests.Ten_thousand_pictures_come_in_order_and_leave_memory_flat), IsNvidias, "it bounds the memory of a process without a driver; the part leaks does with one"),
        new SuiteClass(typeof(PostprocessorTests), OwnTypes, "*")
            .Without(nameof(PostprocessorTests.Outputs_of_other_types_are_seen_as_single_precision_too), IsNvidias, OwnTypes)
            .Without(nameof(PostprocessorTests.Whole_numbers_are_classes_already), IsNvidias, OwnTypes),
        new SuiteClass(typeof(AnchorBoxTests), OwnTypes, "*"),
        new SuiteClass(typeof(ImagePreprocessorTests), OwnTypes, "*"),
        new SuiteClass(typeof(DeviceProcessingTests), OwnKernels, nameof(DeviceProcessingTests.Digits_are_recognised_through_a_pipeline)),
        new SuiteClass(typeof(HostingTests), OwnSearch, "*"),
    ];

    /// <summary>Runs them, but for the CPU runtime behind stubs where there is a GPU: Lite, which takes it for NVIDIA's, would give it memory of that GPU.</summary>
    public static void Run(PartContext run)
    {
        if (run.Library is LoopBackLibrary && !run.Device.IsHost)
        {
            run.Checks.Skip("Lite on the CPU runtime", "there is a GPU here, on which Lite would place the memory of what it takes for TensorRT");
            return;
        }

        new SuiteRun(run).Run(All);
    }

    private static bool IsNvidias(TensorRtLibrary library) => !SuiteClass.IsRehearsal(library);
}
