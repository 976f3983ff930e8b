using System.Text;

namespace Trt.Utils;

/// <summary>Reads what an ONNX model says of nodes, functions and external data, without its weights: one pass over the fields' headers.</summary>
/// <remarks>
/// Field numbers are those of onnx.proto. Damaged models end the pass early and without an error: what is wrong with them is the parser's to say.
/// </remarks>
internal sealed class OnnxScan
{
    private const int MostDepth = 64;
    private const int MostTextBytes = 1 << 16;

    private readonly Stream stream;
    private readonly List<ExternalPart> parts = [];
    private readonly Dictionary<string, HashSet<string>> calls = new(StringComparer.Ordinal);
    private string? function;

    private OnnxScan(Stream stream) => this.stream = stream;

    /// <summary>What the model keeps in other files.</summary>
    public IReadOnlyList<ExternalPart> External => parts;

    /// <summary>A node without outputs, by its name or operator; null when there is none.</summary>
    public string? NodeWithoutOutput { get; private set; }

    /// <summary>A local function that calls itself, directly or through others; null when there is none.</summary>
    public string? RecursiveFunction => calls.Keys.FirstOrDefault(name => Reaches(name, name, []));

    /// <summary>Scans a model.</summary>
    /// <param name="model">A stream that can seek, at the model's first byte.</param>
    public static OnnxScan Of(Stream model)
    {
        OnnxScan scan = new(model);
        try
        {
            scan.Message(model.Length, 0, scan.Model);
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            // As far as it could be read.
        }

        return scan;
    }

    private bool Reaches(string from, string to, HashSet<string> seen) =>
        calls.GetValueOrDefault(from) is { } called && called.Any(next => next == to || (seen.Add(next) && Reaches(next, to, seen)));

    private void Model(int field, long end, int depth)
    {
        switch (field)
        {
            case 7:
                Message(end, depth, Graph);
                break;
            case 25:
                Function(end, depth);
                break;
        }
    }

    private void Graph(int field, long end, int depth)
    {
        switch (field)
        {
            case 1:
                Node(end, depth);
                break;
            case 5:
                Tensor(end, depth);
                break;
            case 15:
                Message(end, depth, SparseTensor);
                break;
        }
    }

    private void Function(long end, int depth)
    {
        long start = stream.Position;
        string name = string.Empty, domain = string.Empty;
        Message(end, depth, (field, last, _) =>
        {
            name = field == 1 ? Text(last) : name;
            domain = field == 10 ? Text(last) : domain;
        });
        function = $"{domain}:{name}";
        calls.TryAdd(function, new HashSet<string>(StringComparer.Ordinal));
        stream.Position = start;
        Message(end, depth, (field, last, inner) =>
        {
            if (field == 7)
            {
                Node(last, inner);
            }
        });
        function = null;
    }

    private void Node(long end, int depth)
    {
        int outputs = 0;
        string name = string.Empty, op = string.Empty, domain = string.Empty;
        Message(end, depth, (field, last, inner) =>
        {
            switch (field)
            {
                case 2:
                    outputs++;
                    break;
                case 3:
                    name = Text(last);
                    break;
                case 4:
                    op = Text(last);
                    break;
                case 7:
                    domain = Text(last);
                    break;
                case 5:
                    Message(last, inner, Attribute);
                    break;
            }
        });
        if (outputs == 0)
        {
            NodeWithoutOutput ??= name.Length > 0 ? $"{name} ({op})" : op;
        }

        if (function is not null)
        {
            calls[function].Add($"{domain}:{op}");
        }
    }

    private void Attribute(int field, long end, int depth)
    {
        switch (field)
        {
            case 5 or 10:
                Tensor(end, depth);
                break;
            case 6 or 11:
                Message(end, depth, Graph);
                break;
            case 22 or 23:
                Message(end, depth, SparseTensor);
                break;
        }
    }

    private void SparseTensor(int field, long end, int depth)
    {
        if (field is 1 or 2)
        {
            Tensor(end, depth);
        }
    }

    private void Tensor(long end, int depth)
    {
        string name = string.Empty;
        Dictionary<string, string> entries = new(StringComparer.Ordinal);
        Message(end, depth, (field, last, inner) =>
        {
            switch (field)
            {
                case 8:
                    name = Text(last);
                    break;
                case 13:
                    string key = string.Empty, value = string.Empty;
                    Message(last, inner, (part, partEnd, _) =>
                    {
                        key = part == 1 ? Text(partEnd) : key;
                        value = part == 2 ? Text(partEnd) : value;
                    });
                    entries[key] = value;
                    break;
            }
        });
        if (entries.TryGetValue("location", out string? location))
        {
            parts.Add(new ExternalPart(name, location, entries.GetValueOrDefault("offset"), entries.GetValueOrDefault("length")));
        }
    }

    /// <summary>Goes through the fields of a message that ends at a position; what its visitor leaves of a field is skipped.</summary>
    private void Message(long end, int depth, Action<int, long, int> visit)
    {
        if (depth > MostDepth)
        {
            throw new InvalidDataException("The model is nested too deeply.");
        }

        while (stream.Position < end)
        {
            ulong key = Varint();
            int field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    Varint();
                    break;
                case 1:
                    Skip(8, end);
                    break;
                case 2:
                    ulong length = Varint();
                    if (length > (ulong)(end - stream.Position))
                    {
                        throw new InvalidDataException("A field is longer than what it lies in.");
                    }

                    long last = stream.Position + (long)length;
                    visit(field, last, depth + 1);
                    stream.Position = last;
                    break;
                case 5:
                    Skip(4, end);
                    break;
                default:
                    throw new InvalidDataException("A field of no known kind.");
            }
        }
    }

    private void Skip(int bytes, long end) => stream.Position = Math.Min(stream.Position + bytes, end);

    private string Text(long end)
    {
        int length = (int)Math.Min(end - stream.Position, MostTextBytes);
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = stream.ReadByte();
            if (next < 0)
            {
                throw new EndOfStreamException();
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number has no end.");
    }
}
