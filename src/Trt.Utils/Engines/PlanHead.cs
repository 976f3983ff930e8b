using System.Globalization;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>What a plan (a serialized engine) tells of itself in its first bytes: whose it is, which release built it, for what, and whether all of it is there.</summary>
/// <remarks>
/// <para>
/// Needs no GPU and no library, and reads some hundred bytes however large the plan is. NVIDIA documents none of it; what is read here was seen in
/// plans of TensorRT 8.6.0 and TensorRT-RTX 1.6.1, and those of other releases are read as far as the same fields make sense in them. Whatever does not is
/// <see cref="PlanFormat.Unknown"/> or null: reading never throws for what a file holds. What lies behind the head is not looked at.
/// </para>
/// <para>Thread-safe, as nothing of it changes.</para>
/// </remarks>
public sealed record PlanHead
{
    internal PlanHead()
    {
    }

    /// <summary>The file it was read from; null when it came from elsewhere.</summary>
    public string? Path { get; init; }

    /// <summary>Whose format it is.</summary>
    public PlanFormat Format { get; internal init; }

    /// <summary>The release that built it: TensorRT's or TensorRT-RTX's with four numbers, as 8.6.0.12, or the CPU runtime's own. Null when the format is unknown.</summary>
    public Version? Release { get; internal init; }

    /// <summary>The plan's length as its head says, in bytes; null when the format is unknown.</summary>
    public long? Length { get; internal init; }

    /// <summary>How many bytes there are; null for a stream that cannot tell.</summary>
    public long? ActualLength { get; internal init; }

    /// <summary>Its parts in order.</summary>
    public IReadOnlyList<PlanBlock> Blocks { get; internal init; } = [];

    /// <summary>Whether it brings a lean runtime along; it was built version-compatible then. One without may be version-compatible as well: the head does not tell.</summary>
    public bool HasLeanRuntime => Blocks.Any(block => block.Kind == PlanBlockKind.LeanRuntime);

    /// <summary>
    /// The compute capabilities it was built for: the building GPU's in plans of TensorRT 8.6, the chosen targets in those of TensorRT-RTX. Empty where it
    /// is not known, and in plans of the CPU runtime.
    /// </summary>
    /// <remarks>A plan with hardware compatibility runs on further ones; the head does not tell.</remarks>
    public IReadOnlyList<Version> ComputeCapabilities { get; internal init; } = [];

    /// <summary>The number by which TensorRT tells forms of its serialized engines apart, 236 in 8.6.0; null where it is not known.</summary>
    public int? SerializationVersion { get; internal init; }

    /// <summary>The network's name, which only plans of the CPU runtime have in their head.</summary>
    public string? NetworkName { get; internal init; }

    /// <summary>What is wrong with it, as a sentence without a subject's path; null when nothing is to be seen.</summary>
    public string? Problem { get; internal init; }

    /// <summary>Whose it is, in words: <c>TensorRT 8.6.0.12</c>.</summary>
    public string Producer => Format switch
    {
        PlanFormat.TensorRT => $"TensorRT {Release}",
        PlanFormat.TensorRTRtx => $"TensorRT-RTX {Release}",
        PlanFormat.Cpu => Release is null ? "the CPU runtime" : $"CPU runtime {Release}",
        _ => "unknown plan format",
    };

    /// <summary>Reads a file's head.</summary>
    /// <param name="path">The plan's file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PlanHead Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        return Read(file) with { Path = path };
    }

    /// <summary>Reads a plan's head from a stream's position on. A stream that can seek is left where it was; of another one up to 1024 bytes are used up.</summary>
    /// <param name="plan">The plan.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static PlanHead Read(Stream plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        byte[] start = new byte[PlanHeadReader.StartBytes];
        if (!plan.CanSeek)
        {
            int got = plan.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return Read(start.AsSpan(0, got), got < start.Length ? got : null);
        }

        long origin = plan.Position;
        try
        {
            int got = plan.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            PlanHead head = Read(start.AsSpan(0, got), plan.Length - origin);
            if (PlanHeadReader.EngineOffset(head) is { } offset && offset + PlanHeadReader.EngineBytes > got && offset < plan.Length - origin)
            {
                plan.Position = origin + offset;
                got = plan.ReadAtLeast(start.AsSpan(0, PlanHeadReader.EngineBytes), PlanHeadReader.EngineBytes, throwOnEndOfStream: false);
                head = PlanHeadReader.WithEngine(head, start.AsSpan(0, got));
            }

            return head;
        }
        finally
        {
            plan.Position = origin;
        }
    }

    /// <summary>Reads the head of a plan in memory.</summary>
    /// <param name="plan">The whole plan.</param>
    public static PlanHead Read(ReadOnlySpan<byte> plan) => Read(plan, plan.Length);

    /// <summary>Reads a head from a plan's first bytes.</summary>
    /// <param name="start">Some hundred bytes or more; with fewer, less is known.</param>
    /// <param name="length">How many bytes there are in all; null when that is not known.</param>
    public static PlanHead Read(ReadOnlySpan<byte> start, long? length)
    {
        PlanHead head = PlanHeadReader.Read(start, length);
        return PlanHeadReader.EngineOffset(head) is { } offset && offset < start.Length ? PlanHeadReader.WithEngine(head, start[(int)offset..]) : head;
    }

    /// <summary>Whether a library, and a GPU, can run the plan, as far as its head tells, and what to do otherwise.</summary>
    /// <param name="library">The library that is to run it.</param>
    /// <param name="device">The GPU that is to run it; null: the calling thread's, where there is one.</param>
    /// <returns>The verdict with its reasons; asks neither the library nor the GPU to read the plan.</returns>
    public PlanFit FitFor(TensorRtLibrary library, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(library);
        device ??= library.Flavour == Flavour.Cpu ? null : Device.Current;
        return PlanFitting.Judge(this, library.Flavour, library.Version, library.ToString(), device is { IsHost: false } ? ($"{device} ({device.Name})", device.Properties.ComputeCapability) : null);
    }

    /// <summary>Refuses a plan that a library or a GPU cannot run.</summary>
    /// <param name="library">The library that is to run it.</param>
    /// <param name="device">The GPU that is to run it; null: the calling thread's, where there is one.</param>
    /// <exception cref="TensorRtException">It cannot: the message names the plan's release and the library's, or the GPU, and says what to do. A plan that can run under conditions is not refused.</exception>
    public void CheckFor(TensorRtLibrary library, Device? device = null)
    {
        PlanFit fit = FitFor(library, device);
        if (fit.Verdict == PlanVerdict.Refused)
        {
            throw new TensorRtException(fit.Text);
        }
    }

    /// <summary>In a line: <c>TensorRT 8.6.0.12, 35002212 bytes, for compute capability 9.0, with a lean runtime inside</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [Producer];
        if ((Length ?? ActualLength) is { } bytes)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"));
        }

        if (ComputeCapabilities.Count > 0)
        {
            parts.Add("for compute capability " + string.Join(", ", ComputeCapabilities));
        }

        if (HasLeanRuntime)
        {
            parts.Add("with a lean runtime inside");
        }

        return string.Join(", ", parts) + (Problem is null ? string.Empty : ". " + Problem);
    }
}
