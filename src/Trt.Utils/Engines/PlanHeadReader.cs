using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trt.Utils;

/// <summary>Takes a plan's first bytes apart.</summary>
/// <remarks>
/// NVIDIA's plans, little endian: a tag (<c>ftrt</c> TensorRT, <c>vtrt</c> TensorRT-RTX); 4 zero bytes; at 8 the number of blocks (64-bit); at 16 the
/// length of all (64-bit); at 24 major, minor, patch, build, a byte each; at 32 a directory of blocks of 24 bytes: tag, 4 zero bytes, offset, length (64-bit
/// each). TensorRT-RTX has 32 bytes before it, the first four of them a set of targets. Read off plans of 8.6.0 and RTX 1.6.1, the latter built for each
/// target and several.
/// </remarks>
internal static class PlanHeadReader
{
    /// <summary>Bytes that hold any head.</summary>
    public const int StartBytes = 1024;

    /// <summary>Bytes of an engine's block that are read.</summary>
    public const int EngineBytes = 80;

    private const int DirectoryAt = 32;
    private const int RtxDirectoryAt = 64;
    private const int EntryBytes = 24;
    private const int MostBlocks = 16;
    private const int CpuHeader = 128;

    private static readonly Version[] RtxTargets = [new(7, 5), new(8, 0), new(8, 6), new(8, 9), new(12, 0), new(12, 1)];

    /// <summary>Reads what the first bytes tell, the engine's own block apart.</summary>
    public static PlanHead Read(ReadOnlySpan<byte> start, long? length)
    {
        PlanHead head = start.StartsWith("TRTCPU\x1a\n"u8) ? Cpu(start)
            : start.StartsWith("ftrt"u8) ? Native(start, length, PlanFormat.TensorRT, DirectoryAt)
            : start.StartsWith("vtrt"u8) ? Native(start, length, PlanFormat.TensorRTRtx, RtxDirectoryAt)
            : Unknown(start.IsEmpty ? "It is empty."
                : start.StartsWith("\u007fELF"u8) || start.StartsWith("MZ"u8) ? "It is a program or library, no plan."
                : start[0] == 8 && start.Length > 1 && start[1] is > 0 and < 32 ? "It looks like an ONNX model, which an engine is to be built from first."
                : $"It does not begin like any plan that is known; its first bytes are {Convert.ToHexString(start[..Math.Min(8, start.Length)])}.");
        string? problem = head.Problem;
        if (problem is null && length is { } actual && head.Length is { } said && said != actual)
        {
            problem = said > actual
                ? string.Create(CultureInfo.InvariantCulture, $"It is cut off: its head says {said} bytes, and there are {actual}. Copy or build it again.")
                : string.Create(CultureInfo.InvariantCulture, $"It is longer than it should be: its head says {said} bytes, and there are {actual}. Copy or build it again.");
        }

        return head with { ActualLength = length, Problem = problem };
    }

    /// <summary>Where the engine's block is that <see cref="WithEngine"/> reads; null when it is not known, or has nothing to tell.</summary>
    public static long? EngineOffset(PlanHead head) =>
        head.Format == PlanFormat.TensorRT && head.Blocks.FirstOrDefault(block => block.Kind == PlanBlockKind.Engine) is { Length: >= EngineBytes } engine ? engine.Offset : null;

    /// <summary>Adds what an engine's block of TensorRT 8.6 begins with.</summary>
    /// <remarks>
    /// Tag <c>ptrt</c>, 4 zero bytes, a version of the serialization (64-bit), a length (64-bit); then values of one and four bytes, each after a number for
    /// its type: major, minor, patch, build; further on the compute capability, clock rates, bus width and cache size of the building GPU. The eight plans that this
    /// was read from agree in those with the GPU that built them. Anything else than exactly this is left alone.
    /// </remarks>
    public static PlanHead WithEngine(PlanHead head, ReadOnlySpan<byte> engine)
    {
        if (engine.Length < EngineBytes || !engine.StartsWith("ptrt\0\0\0\0"u8) || head.Release is not { } release)
        {
            return head;
        }

        const uint small = 0x18002, number = 0x18007;
        ReadOnlySpan<int> numbers = [release.Major, release.Minor, release.Build, release.Revision];
        for (int i = 0; i < numbers.Length; i++)
        {
            ReadOnlySpan<byte> value = engine[(24 + (5 * i))..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(value) != small || value[4] != numbers[i])
            {
                return head;
            }
        }

        long version = BinaryPrimitives.ReadInt64LittleEndian(engine[8..]);
        head = head with { SerializationVersion = version is > 0 and < 10_000 ? (int)version : null };
        ReadOnlySpan<uint> tags = [UInt(engine, 44), UInt(engine, 48), UInt(engine, 56), UInt(engine, 60), UInt(engine, 64), UInt(engine, 72)];
        (uint major, uint minor) = (UInt(engine, 68), UInt(engine, 76));
        return tags.SequenceEqual([0x180e5u, number, 0x18012u, 0x18010u, number, number]) && major is >= 3 and < 30 && minor < 10
            ? head with { ComputeCapabilities = [new Version((int)major, (int)minor)] }
            : head;
    }

    private static PlanHead Native(ReadOnlySpan<byte> start, long? actual, PlanFormat format, int directory)
    {
        string name = format == PlanFormat.TensorRT ? "TensorRT" : "TensorRT-RTX";
        if (start.Length < directory + EntryBytes)
        {
            return Unknown(string.Create(CultureInfo.InvariantCulture, $"It begins like a plan of {name} and ends after {start.Length} bytes, within its head. Copy or build it again."));
        }

        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(start[8..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(start[16..]);
        List<PlanBlock> blocks = [];
        bool sensible = UInt(start, 4) == 0 && count is > 0 and <= MostBlocks && length > directory && start[24] > 0
            && (format == PlanFormat.TensorRT || start.Slice(28, 4).SequenceEqual("vtrt"u8));
        long end = directory + ((long)count * EntryBytes);
        for (int i = 0; sensible && i < (int)count && directory + ((i + 1) * EntryBytes) <= start.Length; i++)
        {
            PlanBlock block = Entry(start.Slice(directory + (i * EntryBytes), EntryBytes));
            sensible = block.Tag.Length == 4 && block.Offset >= end && block.Length >= 0 && block.Offset <= length - block.Length;
            blocks.Add(block);
        }

        if (!sensible || !blocks.Exists(block => block.Kind == PlanBlockKind.Engine))
        {
            return Unknown($"It begins like a plan of {name}, but what follows is not what plans of {(format == PlanFormat.TensorRT ? "8.6" : "1.6")} have there: it is damaged, or of a release whose plans are not known here.");
        }

        return new PlanHead
        {
            Format = format,
            Release = new Version(start[24], start[25], start[26], start[27]),
            Length = length,
            ActualLength = actual,
            Blocks = blocks,
            ComputeCapabilities = format == PlanFormat.TensorRTRtx ? Targets(UInt(start, 32)) : [],
        };
    }

    private static PlanBlock Entry(ReadOnlySpan<byte> entry)
    {
        string tag = UInt(entry, 4) == 0 && entry[..4].IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) < 0 ? Encoding.ASCII.GetString(entry[..4]) : string.Empty;
        PlanBlockKind kind = tag switch
        {
            "NGNE" => PlanBlockKind.Engine,
            "NAEL" => PlanBlockKind.LeanRuntime,
            "THGW" => PlanBlockKind.Weights,
            _ => PlanBlockKind.Other,
        };
        return new PlanBlock(kind, tag, BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[16..]));
    }

    /// <summary>A bit for each target; a set with others than these is not understood.</summary>
    private static IReadOnlyList<Version> Targets(uint bits) =>
        bits >> RtxTargets.Length != 0 ? [] : [.. RtxTargets.Where((_, i) => (bits >> i & 1) != 0)];

    private static PlanHead Cpu(ReadOnlySpan<byte> start)
    {
        if (start.Length < CpuHeader)
        {
            return new PlanHead
            {
                Format = PlanFormat.Cpu,
                Problem = string.Create(CultureInfo.InvariantCulture, $"It is cut off: it has {start.Length} bytes, and its head alone has {CpuHeader}. Copy or build it again."),
            };
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(start[16..]);
        PlanBlock[] blocks = [Part(start, PlanBlockKind.Description, 24), Part(start, PlanBlockKind.Graph, 40), Part(start, PlanBlockKind.Weights, 56)];
        bool sensible = UInt(start, 12) == CpuHeader && length >= CpuHeader && Array.TrueForAll(blocks, block => block.Offset >= CpuHeader && block.Length >= 0 && block.Offset <= length - block.Length);
        if (!sensible)
        {
            return new PlanHead { Format = PlanFormat.Cpu, Problem = "Its head is damaged: a part lies outside of it. Copy or build it again." };
        }

        (string? network, string? producer) = Names(start, blocks[0]);
        return new PlanHead
        {
            Format = PlanFormat.Cpu,
            Release = producer is not null && Version.TryParse(producer.AsSpan(producer.LastIndexOf(' ') + 1), out Version? release) ? release : null,
            Length = length,
            Blocks = blocks,
            NetworkName = network,
        };
    }

    private static PlanBlock Part(ReadOnlySpan<byte> start, PlanBlockKind kind, int at) =>
        new(kind, string.Empty, BinaryPrimitives.ReadInt64LittleEndian(start[at..]), BinaryPrimitives.ReadInt64LittleEndian(start[(at + 8)..]));

    /// <summary>The first two values of a CPU plan's description, as far as the first bytes reach.</summary>
    private static (string? Network, string? Producer) Names(ReadOnlySpan<byte> start, PlanBlock description)
    {
        (string? network, string? producer) = (null, null);
        if (description.Offset >= start.Length)
        {
            return default;
        }

        ReadOnlySpan<byte> text = start[(int)description.Offset..];
        bool whole = description.Length <= text.Length;
        Utf8JsonReader json = new(whole ? text[..(int)description.Length] : text, whole, default);
        try
        {
            while (producer is null && json.Read() && json.CurrentDepth <= 1)
            {
                if (json.TokenType == JsonTokenType.PropertyName && (json.ValueTextEquals("Name"u8) || json.ValueTextEquals("Producer"u8)))
                {
                    bool first = json.ValueTextEquals("Name"u8);
                    if (!json.Read() || json.TokenType != JsonTokenType.String)
                    {
                        break;
                    }

                    (network, producer) = first ? (json.GetString(), producer) : (network, json.GetString());
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // A damaged description: what was read so far is what is known.
        }

        return (network, producer);
    }

    private static PlanHead Unknown(string problem) => new() { Format = PlanFormat.Unknown, Problem = problem };

    private static uint UInt(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
