namespace Trt.Interop.Core;

/// <summary>What to do about messages of NVIDIA's libraries that leave it open, or that say something else than they mean.</summary>
internal static class Remedies
{
    /// <summary>A sentence to put behind a library's own, or null.</summary>
    /// <param name="library">Whose message it is.</param>
    /// <param name="message">The message.</param>
    public static string? For(TensorRtLibrary library, string message) =>
        message.Contains("old deserialization call on a newer plan file", StringComparison.Ordinal)
            ? $"In other words: {library} cannot read this plan as it is. Another release built it, or it is an ordinary plan and this is a lean runtime. "
                + "A plan of another release runs if it was built version-compatible, and, where its lean runtime was left out, on what IRuntime.LoadRuntime gives for that release's; otherwise load the release that built it, or build the model again. "
                + "PlanHead.Read tells which release built a plan."
        : message.Contains("getEngineHostCodeAllowed() is false", StringComparison.Ordinal)
            ? "The plan brings a lean runtime along, which is code: if you trust the plan, set IRuntime.EngineHostCodeAllowed before reading it."
        : message.Contains("Engine Version Forward Compatibility supported starting TensorRT", StringComparison.Ordinal)
            ? $"In other words: {library} takes version-compatible plans of TensorRT 10.0 and later only. Load the release that built the plan, or its lean runtime, as the library itself; or build the model again."
        : null;
}
