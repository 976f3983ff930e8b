using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Interop.Tests.WrongUse;

namespace Trt.GpuTests.Suite;

/// <summary>The classes of Trt.Interop's tests that need a builder: what native code and C# hand each other.</summary>
internal static class BindingClasses
{
    private const string RtxWords = "it asserts words of TensorRT-RTX";

    /// <summary>Callbacks that throw, disposal, identity, names, nulls.</summary>
    public static IReadOnlyList<SuiteClass> All { get; } =
    [
        new SuiteClass(typeof(CallbackExceptionTests), RtxWords,
            $"{nameof(CallbackExceptionTests.Progress_monitor)}(when: \"start\"", $"{nameof(CallbackExceptionTests.Progress_monitor)}(when: \"finish\"", nameof(CallbackExceptionTests.Logger),
            nameof(CallbackExceptionTests.Logger_during_the_factory), nameof(CallbackExceptionTests.Stream_writer), nameof(CallbackExceptionTests.Plugin_creator))
            .Without($"{nameof(CallbackExceptionTests.Progress_monitor)}(when: \"step\"", IsLaidOut, RtxWords)
            .Without(nameof(CallbackExceptionTests.Stream_writer), library => !library.Supports("IBuilder.buildSerializedNetworkToStream"), "this release writes into no stream")
            .Without(nameof(CallbackExceptionTests.Plugin_creator), library => !library.Supports("IPluginCreatorV3One.createPlugin"), "this release has no plugins of the third kind"),
        new SuiteClass(typeof(DisposeTests), RtxWords, "*")
            .Without(nameof(DisposeTests.Parser_errors_go_with_the_parser), IsLaidOut, "a parser's errors are the CPU runtime's own objects here")
            .Without(nameof(DisposeTests.Every_order_of_disposal_works), library => !SuiteClass.IsRehearsal(library), "it builds 120 times"),
        new SuiteClass(typeof(IdentityTests), RtxWords,
            nameof(IdentityTests.Same_address_is_the_same_object), nameof(IdentityTests.Logger_comes_back_as_it_was_given), nameof(IdentityTests.Layers_are_their_real_type),
            nameof(IdentityTests.Real_type_is_found_when_the_first_wrapper_is_gone)),
        new SuiteClass(typeof(NullArgumentTests), RtxWords, "*").Without(nameof(NullArgumentTests.Null_is_named_by_the_exception), IsLaidOut, "its factories are the rehearsal's own"),
        new SuiteClass(typeof(StringTests), RtxWords,
            nameof(StringTests.Name_comes_back), nameof(StringTests.Length_does_not_matter), nameof(StringTests.NUL_is_refused), nameof(StringTests.Empty_name_is_the_librarys_business)),
    ];

    private static bool IsLaidOut(TensorRtLibrary library) => library is LoopBackLibrary;
}
