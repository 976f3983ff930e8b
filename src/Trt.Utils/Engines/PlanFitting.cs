using Trt.Interop;

namespace Trt.Utils;

/// <summary>The rules by which releases and GPUs take plans: NVIDIA's documented ones, and what its libraries were seen to say.</summary>
internal static class PlanFitting
{
    private static readonly PlanFit Fits = new(PlanVerdict.Fits, string.Empty);

    /// <summary>The oldest major whose version-compatible plans runtimes of a major take: 11 said that it begins with 10.</summary>
    private static int OldestMajor(int runtime) => runtime >= 11 ? 10 : 8;

    public static PlanFit Judge(PlanHead head, Flavour flavour, Version version, string library, (string Name, Version Capability)? device)
    {
        string plan = head.Path is null ? "The plan" : head.Path;
        if (head.Format == PlanFormat.Unknown || head.Problem is not null)
        {
            return Refuse($"{plan} cannot be run by {library}: {(head.Format == PlanFormat.Unknown ? "unknown plan format" : $"it is a damaged plan of {head.Producer}")}. {head.Problem}");
        }

        string built = $"{plan} was built by {head.Producer}";
        PlanFormat read = flavour switch { Flavour.Cpu => PlanFormat.Cpu, Flavour.TensorRTRtx => PlanFormat.TensorRTRtx, _ => PlanFormat.TensorRT };
        if (head.Format != read)
        {
            return Refuse(head.Format == PlanFormat.Cpu
                ? $"{built} and {library} runs plans for GPUs only. Build the model again with it, or load the CPU runtime (Flavour.Cpu)."
                : read == PlanFormat.Cpu
                    ? $"{built} for a GPU, and {library} runs only plans that it built itself. Build the model again with it, or load {Name(head)} on a machine with a GPU."
                    : $"{built}, and {library} is another product with plans of its own. Load {Name(head)}, or build the model again with {library}.");
        }

        PlanFit release = head.Format switch
        {
            PlanFormat.TensorRT => ReleaseOf(head, built, flavour, version, library),
            PlanFormat.TensorRTRtx when !Same(head.Release!, version) => new PlanFit(PlanVerdict.Depends,
                $"{built}, and {library} is another release: it takes such plans only when they were built version-compatible (BuilderFlag.VersionCompatible). Build the model again with {library}, or load {Name(head)}."),
            _ => Fits,
        };
        return release.Verdict == PlanVerdict.Refused || device is not { } gpu ? release : Both(release, DeviceOf(head, built, gpu.Name, gpu.Capability));
    }

    private static PlanFit ReleaseOf(PlanHead head, string built, Flavour flavour, Version version, string library)
    {
        Version from = head.Release!;
        string again = $"build the model again with {(flavour == Flavour.TensorRT ? library : $"TensorRT {version.ToString(3)}")}";
        if (flavour == Flavour.TensorRT && Same(from, version))
        {
            return head.HasLeanRuntime ? HostCode(built, library) : Fits;
        }

        if (Three(from).CompareTo(Three(version)) > 0)
        {
            return Refuse($"{built}, and {library} is older: no release runs plans of a later one. Load {Name(head)} or later, or {again}.");
        }

        if (from.Major < OldestMajor(version.Major))
        {
            return Refuse($"{built}, and {library} takes plans from {OldestMajor(version.Major)}.0 on only, even version-compatible ones. Load {Name(head)} or, if the plan is version-compatible, its lean runtime ({LeanName(from)}) as the library itself; or {again}.");
        }

        if (head.HasLeanRuntime)
        {
            return HostCode(built, library);
        }

        if (Three(from).CompareTo((8, 6, 0)) < 0)
        {
            return Refuse($"{built}, and {library} is another release: version-compatible plans began with 8.6. Load {Name(head)}, or {again}.");
        }

        if (flavour == Flavour.DispatchRuntime)
        {
            return new PlanFit(PlanVerdict.Depends, $"{built} without a lean runtime inside, and {library} brings none: it runs only if it was built version-compatible (BuilderFlag.VersionCompatible), on what IRuntime.LoadRuntime(\"{LeanName(from)}\") gives. Or {again}.");
        }

        return Same(from, version)
            ? new PlanFit(PlanVerdict.Depends, $"{built}, and {library} runs it only if it was built version-compatible (BuilderFlag.VersionCompatible); the plan's head does not tell. Otherwise load TensorRT {from.ToString(3)} itself, or build the model again with that flag.")
            : new PlanFit(PlanVerdict.Depends, $"{built}, and {library} is another release: it runs it only if it was built version-compatible (BuilderFlag.VersionCompatible), which the plan's head does not tell, and then on what IRuntime.LoadRuntime(\"{LeanName(from)}\") gives. Otherwise load {Name(head)}, or {again}.");
    }

    private static PlanFit HostCode(string built, string library) => new(PlanVerdict.Depends,
        $"{built} with a lean runtime inside, which {library} starts only when IRuntime.EngineHostCodeAllowed is set before the plan is read. Set it if you trust the plan: it runs code that the plan brings along.");

    private static PlanFit DeviceOf(PlanHead head, string built, string device, Version has)
    {
        if (head.ComputeCapabilities.Count == 0 || head.ComputeCapabilities.Contains(has))
        {
            return Fits;
        }

        string targets = string.Join(", ", head.ComputeCapabilities);
        string where = $"{device} has {has}";
        return head.Format == PlanFormat.TensorRTRtx
            ? Refuse($"{built} for compute capability {targets}, and {where}. Build the model again on that GPU, or with it among IBuilderConfig.SetComputeCapability's.")
            : new PlanFit(PlanVerdict.Depends, $"{built} on a GPU of compute capability {targets}, and {where}: it runs there only if it was built for other GPUs too (IBuilderConfig.HardwareCompatibilityLevel). Otherwise build the model again on that GPU.");
    }

    private static PlanFit Both(PlanFit one, PlanFit other) => other.Verdict == PlanVerdict.Fits ? one
        : one.Verdict == PlanVerdict.Fits ? other
        : new PlanFit((PlanVerdict)Math.Max((int)one.Verdict, (int)other.Verdict), one.Text + " " + other.Text);

    private static PlanFit Refuse(string text) => new(PlanVerdict.Refused, text);

    private static bool Same(Version one, Version other) => Three(one) == Three(other);

    private static (int Major, int Minor, int Patch) Three(Version version) => (version.Major, version.Minor, Math.Max(version.Build, 0));

    private static string Name(PlanHead head) => head.Format == PlanFormat.Cpu ? "the CPU runtime" : $"{(head.Format == PlanFormat.TensorRT ? "TensorRT" : "TensorRT-RTX")} {head.Release!.ToString(3)}";

    private static string LeanName(Version release) => OperatingSystem.IsWindows() ? $"nvinfer_lean_{release.Major}.dll" : $"libnvinfer_lean.so.{release.Major}";
}
