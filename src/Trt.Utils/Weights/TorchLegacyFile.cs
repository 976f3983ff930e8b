using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace Trt.Utils;

/// <summary>
/// The format of torch.save before PyTorch 1.6: five pickles (a magic number, the format's version, the machine, the structure, the storages' keys), then for each key the number of
/// elements as 8 bytes and the elements.
/// </summary>
internal sealed unsafe class TorchLegacyFile
{
    private const long Version = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private readonly MappedFile file;
    private readonly Dictionary<string, (TorchPersistentId Id, TorchStorage Storage)> storages = new(StringComparer.Ordinal);
    private long position;

    private TorchLegacyFile(MappedFile file) => this.file = file;

    /// <summary>Whether the first bytes may be those of a pickle: protocol 2 and later, or the text of a number.</summary>
    public static bool MayBePickle(ReadOnlySpan<byte> head) => head.Length > 0 && head[0] is (byte)PickleOp.Proto or (byte)PickleOp.Long;

    /// <summary>Reads the structure and finds the storages. The caller holds the file.</summary>
    public static object? Load(MappedFile file) => new TorchLegacyFile(file).Load();

    private object? Load()
    {
        if (Next() is not BigInteger magic || magic != Magic)
        {
            throw Fail("It is a pickle, but not one that torch.save wrote. Save it with torch.save.");
        }

        if (Next() is not Version)
        {
            throw Fail($"Its format is not version {Version}, the only one of legacy checkpoints. The file is damaged.");
        }

        if (Next() is not TorchDictionary machine || !machine.TryGetValue("little_endian", out object? little) || little is not bool isLittle)
        {
            throw Fail("It does not say which byte order its numbers have. The file is damaged.");
        }

        if (!isLittle)
        {
            throw Fail("Its numbers are big-endian. Load it with PyTorch and save it on a little-endian machine.");
        }

        object? root = Next();
        if (Next() is not List<object?> keys)
        {
            throw Fail("The list of its storages is missing. The file is damaged.");
        }

        foreach (object? key in keys)
        {
            Place(key as string);
        }

        foreach ((TorchPersistentId id, TorchStorage storage) in storages.Values)
        {
            if (!storage.IsPlaced)
            {
                throw Fail($"A tensor refers to the storage \"{PickleText.Shorten(id.Key)}\", which is not in the file. The file is damaged or cut off.");
            }
        }

        return root;
    }

    private object? Next()
    {
        ReadOnlySpan<byte> rest = file.Span(position, Math.Min(file.Length - position, Unpickler.LongestPickle));
        object? value = new Unpickler(file.Path, FindStorage).Load(rest, out int length);
        position += length;
        return value;
    }

    private StorageView FindStorage(object?[] id)
    {
        TorchPersistentId wanted = TorchPersistentId.Parse(file.Path, id);
        if (wanted.ByteLength > file.Length)
        {
            throw Fail($"The storage \"{PickleText.Shorten(wanted.Key)}\" should have {wanted.ElementCount} elements of {wanted.Type.TorchName()}, but the whole file has {file.Length} bytes. The file is damaged or cut off.");
        }

        if (!storages.TryGetValue(wanted.Key, out (TorchPersistentId Id, TorchStorage Storage) known))
        {
            known = (wanted, TorchStorage.Announced(file, wanted.Key, wanted.ByteLength));
            storages.Add(wanted.Key, known);
        }
        else if (known.Id.Type != wanted.Type || known.Id.ElementCount != wanted.ElementCount)
        {
            throw Fail($"The storage \"{PickleText.Shorten(wanted.Key)}\" is named with two types or lengths. The file is damaged.");
        }

        return wanted.In(known.Storage);
    }

    private void Place(string? key)
    {
        if (key is null || !storages.TryGetValue(key, out (TorchPersistentId Id, TorchStorage Storage) known) || known.Storage.IsPlaced)
        {
            throw Fail("The list of its storages does not fit its tensors. The file is damaged.");
        }

        if (file.Length - position < sizeof(long))
        {
            throw Fail($"It ends where the storage \"{PickleText.Shorten(key)}\" should begin. The file is cut off.");
        }

        long count = BinaryPrimitives.ReadInt64LittleEndian(file.Span(position, sizeof(long)));
        position += sizeof(long);
        if (count != known.Id.ElementCount || known.Id.ByteLength > file.Length - position)
        {
            throw Fail($"The storage \"{PickleText.Shorten(key)}\" should have {known.Id.ElementCount} elements of {known.Id.Type.TorchName()}, but {count} are announced and {file.Length - position} bytes are left. The file is damaged or cut off.");
        }

        known.Storage.Place(file.At(position));
        position += known.Id.ByteLength;
    }

    private TorchFormatException Fail(string problem) => new(file.Path, problem);
}
