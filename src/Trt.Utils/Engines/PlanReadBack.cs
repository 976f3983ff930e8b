using Trt.Interop;

namespace Trt.Utils;

/// <summary>Compares what was asked for with what a plan's head says, which needs no GPU.</summary>
internal static class PlanReadBack
{
    /// <summary>Warns of every difference.</summary>
    /// <returns>Whether the head could be read.</returns>
    public static unsafe bool Compare(BuildWork work, nint address, long length)
    {
        using UnmanagedMemoryStream stream = new((byte*)address, length);
        PlanHead head = PlanHead.Read(stream);
        if (head.Format == PlanFormat.Unknown)
        {
            return false;
        }

        BuildOptions options = work.Options;
        if (head.Problem is { } problem)
        {
            work.Warn($"The plan's head does not look as it should: {problem}");
        }

        // Only plans of TensorRT carry a lean runtime, and only of those whose parts are known can be told.
        bool told = head.Format == PlanFormat.TensorRT && head.Blocks.Count > 0;
        if (told && options.VersionCompatible && !options.ExcludeLeanRuntime && !head.HasLeanRuntime)
        {
            work.Warn("VersionCompatible: the plan holds no lean runtime.");
        }

        if (told && options.ExcludeLeanRuntime && head.HasLeanRuntime)
        {
            work.Warn("ExcludeLeanRuntime: the plan holds a lean runtime.");
        }

        string[] missing = [.. options.ComputeCapabilities.Where(target => target is not (ComputeCapability.None or ComputeCapability.Current))
            .Where(target => !head.ComputeCapabilities.Contains(new Version((int)target / 10, (int)target % 10))).Select(target => target.ToString())];
        if (head.ComputeCapabilities.Count > 0 && missing.Length > 0)
        {
            work.Warn($"ComputeCapabilities: the plan is for {string.Join(", ", head.ComputeCapabilities)}, without {string.Join(", ", missing)}.");
        }

        return true;
    }
}
