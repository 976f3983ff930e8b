using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The container of an engine: a header, then description, ONNX graph and weights, each at a multiple of 64 bytes.</summary>
/// <remarks>
/// Header, little endian: magic (8 bytes); version of the container, length of the header (32-bit); length of the whole (64-bit); offset and
/// length of description, graph and weights (64-bit each); at 88 the SHA-256 of everything with this field zero.
/// </remarks>
internal sealed class PlanFile
{
    /// <summary>Bytes of a plan's header.</summary>
    public const int HeaderLength = 128;

    private const int LengthAt = 16;
    private const int HashAt = 88;
    private const int HashLength = 32;
    private const uint ContainerVersion = 1;

    private PlanFile(NativeBlob blob, PlanDescription description, ReadOnlyMemory<byte> graph, long weightsOffset, long weightsLength)
    {
        Blob = blob;
        Description = description;
        Graph = graph;
        WeightsOffset = weightsOffset;
        WeightsLength = weightsLength;
    }

    public NativeBlob Blob { get; }

    public PlanDescription Description { get; }

    public ReadOnlyMemory<byte> Graph { get; }

    public long WeightsOffset { get; }

    public long WeightsLength { get; }

    private static ReadOnlySpan<byte> Magic => "TRTCPU\x1a\n"u8;

    /// <summary>Puts a plan together, without copying weights.</summary>
    public static PlanImage Compose(PlanDescription description, ReadOnlySpan<byte> graph, IReadOnlyList<WeightBlock> blocks, long weightBytes)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(description, PlanJson.Default.PlanDescription);
        long graphAt = NativeBlob.Aligned(HeaderLength + json.Length);
        long weightsAt = NativeBlob.Aligned(graphAt + graph.Length);
        byte[] head = new byte[weightsAt];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), ContainerVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), HeaderLength);
        ReadOnlySpan<long> numbers = [weightsAt + weightBytes, HeaderLength, json.Length, graphAt, graph.Length, weightsAt, weightBytes];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(LengthAt + (8 * i)), numbers[i]);
        }

        json.CopyTo(head.AsSpan(HeaderLength));
        graph.CopyTo(head.AsSpan((int)graphAt));
        return new PlanImage(head, blocks, weightBytes);
    }

    /// <summary>Fills in the checksum.</summary>
    public static void SetHash(Span<byte> head, ReadOnlySpan<byte> hash) => hash.CopyTo(head[HashAt..]);

    /// <summary>How long a plan says that it is, from its first bytes; −1 where they are not those of a plan.</summary>
    public static long LengthOf(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderLength && header.StartsWith(Magic) ? Math.Max(BinaryPrimitives.ReadInt64LittleEndian(header[LengthAt..]), -1) : -1;

    /// <summary>Reads a plan in place.</summary>
    /// <exception cref="Refusal">The bytes are no plan of this runtime, or damaged; the message says which.</exception>
    public static PlanFile Read(NativeBlob blob)
    {
        ReadOnlySpan<byte> start = blob.Span(0, (int)Math.Min(blob.Length, HeaderLength));
        if (start.Length >= 4 && (start.StartsWith("ftrt"u8) || start.StartsWith("vtrt"u8)))
        {
            throw Refusal.Argument($"The plan was built by {Maker(start)} for a GPU; the CPU runtime runs plans that it built itself. Build the network again with it.");
        }

        if (start.Length < Magic.Length || !start.StartsWith(Magic))
        {
            throw Refusal.Argument(string.Create(CultureInfo.InvariantCulture,
                $"The {blob.Length} bytes do not begin like a plan of the CPU runtime (they begin with 0x{Convert.ToHexString(start[..Math.Min(start.Length, 8)])})."));
        }

        if (start.Length < HeaderLength)
        {
            throw Refusal.Argument($"The plan is cut off: it has {blob.Length} bytes, and its header alone has {HeaderLength}.");
        }

        uint version = BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (version != ContainerVersion || BinaryPrimitives.ReadUInt32LittleEndian(start[12..]) != HeaderLength)
        {
            throw Refusal.Argument($"The plan is of container version {version}, and this CPU runtime ({CpuRuntime.Version}) reads version {ContainerVersion}; build the network again.");
        }

        Span<long> numbers = stackalloc long[7];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(start[(LengthAt + (8 * i))..]);
        }

        if (numbers[0] != blob.Length)
        {
            throw Refusal.Argument($"The plan is {(numbers[0] > blob.Length ? "cut off" : "longer than it should be")}: its header says {numbers[0]} bytes, but there are {blob.Length}.");
        }

        for (int i = 1; i < numbers.Length; i += 2)
        {
            if (numbers[i] < HeaderLength || numbers[i + 1] < 0 || numbers[i] > blob.Length || numbers[i + 1] > blob.Length - numbers[i])
            {
                throw Refusal.Argument("The plan's header is damaged: a part lies outside of the plan.");
            }
        }

        if (!Hash(blob).AsSpan().SequenceEqual(start.Slice(HashAt, HashLength)))
        {
            throw Refusal.Argument("The plan is damaged: its checksum is wrong. Build the network again, or fetch the file again.");
        }

        try
        {
            PlanDescription description = JsonSerializer.Deserialize(blob.Span(numbers[1], checked((int)numbers[2])), PlanJson.Default.PlanDescription)
                ?? throw new JsonException("It is null.");
            return new PlanFile(blob, description, blob.Span(numbers[3], checked((int)numbers[4])).ToArray(), numbers[5], numbers[6]);
        }
        catch (Exception error) when (error is JsonException or OverflowException)
        {
            throw Refusal.Argument($"The plan's description cannot be read: {error.Message}");
        }
    }

    private static string Maker(ReadOnlySpan<byte> start)
    {
        string name = start[0] == (byte)'f' ? "TensorRT" : "TensorRT for RTX";
        return start.Length >= 28 ? $"{name} {start[24]}.{start[25]}.{start[26]}" : name;
    }

    private static byte[] Hash(NativeBlob plan)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(plan.Span(0, HashAt));
        hash.AppendData(new byte[HashLength]);
        for (long at = HashAt + HashLength; at < plan.Length;)
        {
            int piece = (int)Math.Min(plan.Length - at, 1 << 26);
            hash.AppendData(plan.Span(at, piece));
            at += piece;
        }

        return hash.GetHashAndReset();
    }
}
