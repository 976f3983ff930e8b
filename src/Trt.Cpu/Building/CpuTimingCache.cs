using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A timing cache: a list of keys and values that can be kept, joined and edited. Builds for the CPU time only tactics of plugins, which they find and leave here.</summary>
internal sealed class CpuTimingCache : CpuObject, ITimingCache
{
    private const int Header = 16;
    private const int EntrySize = 28;

    private readonly Journal journal;
    private readonly SortedDictionary<UInt128, TimingCacheValue> entries = [];

    private CpuTimingCache(Journal journal) => this.journal = journal;

    private static ReadOnlySpan<byte> Magic => "TRTCPUTC"u8;

    /// <summary>Reads what <see cref="Serialize"/> wrote; nothing makes an empty cache.</summary>
    public static CpuTimingCache Read(Journal journal, ReadOnlySpan<byte> blob)
    {
        CpuTimingCache cache = new(journal);
        if (blob.IsEmpty)
        {
            return cache;
        }

        const string method = "IBuilderConfig::createTimingCache";
        if (blob.Length < Header + 32 || !blob.StartsWith(Magic))
        {
            journal.Warning($"{method}: the bytes are no timing cache of the CPU runtime. Returning an empty timing cache.");
            return cache;
        }

        ReadOnlySpan<byte> content = blob[..^32];
        long count = BinaryPrimitives.ReadInt64LittleEndian(blob[8..]);
        if (count < 0 || count > (content.Length - Header) / EntrySize || content.Length != Header + (count * EntrySize) || !SHA256.HashData(content).AsSpan().SequenceEqual(blob[^32..]))
        {
            journal.Warning($"{method}: the timing cache is damaged, its length or checksum is wrong. Returning an empty timing cache.");
            return cache;
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = content.Slice(Header + (i * EntrySize), EntrySize);
            cache.entries[BinaryPrimitives.ReadUInt128BigEndian(entry)] = new TimingCacheValue
            {
                TacticHash = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]),
                TimingMSec = BinaryPrimitives.ReadSingleLittleEndian(entry[24..]),
            };
        }

        return cache;
    }

    public IHostMemory Serialize()
    {
        ThrowIfDisposed();
        byte[] bytes = new byte[Header + (entries.Count * EntrySize) + 32];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), entries.Count);
        int at = Header;
        foreach ((UInt128 key, TimingCacheValue value) in entries)
        {
            BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(at), key);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 16), value.TacticHash);
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at + 24), value.TimingMSec);
            at += EntrySize;
        }

        SHA256.HashData(bytes.AsSpan(0, at), bytes.AsSpan(at));
        return new HostMemory(NativeBlob.Of(bytes));
    }

    public void Combine(ITimingCache inputCache, bool ignoreMismatch)
    {
        ArgumentNullException.ThrowIfNull(inputCache);
        ThrowIfDisposed();
        CpuTimingCache other = inputCache as CpuTimingCache
            ?? throw journal.Failure("ITimingCache::combine", Refusal.Argument("the other timing cache belongs to another library."));
        other.ThrowIfDisposed();
        foreach ((UInt128 key, TimingCacheValue value) in other.entries)
        {
            entries.TryAdd(key, value);
        }
    }

    public void Reset()
    {
        ThrowIfDisposed();
        entries.Clear();
    }

    public long QueryKeys(Span<TimingCacheKey> keyBuffer)
    {
        ThrowIfDisposed();
        int i = 0;
        foreach (UInt128 key in entries.Keys)
        {
            if (i == keyBuffer.Length)
            {
                break;
            }

            TimingCacheKey found = default;
            BinaryPrimitives.WriteUInt128BigEndian(found.Data, key);
            keyBuffer[i++] = found;
        }

        return entries.Count;
    }

    public TimingCacheValue Query(TimingCacheKey key)
    {
        ThrowIfDisposed();
        if (TryGet(key) is { } found)
        {
            return found;
        }

        journal.Refused("ITimingCache::query", NotFound());
        return new TimingCacheValue { TacticHash = ulong.MaxValue, TimingMSec = -1 };
    }

    public void Update(TimingCacheKey key, TimingCacheValue value)
    {
        const string method = "ITimingCache::update";
        ThrowIfDisposed();
        if (TryGet(key) is null)
        {
            throw journal.Failure(method, NotFound());
        }

        if (float.IsNaN(value.TimingMSec))
        {
            entries.Remove(Number(key));
        }
        else
        {
            entries[Number(key)] = value;
        }
    }

    /// <summary>What was measured before, or null.</summary>
    public TimingCacheValue? TryGet(TimingCacheKey key) => entries.TryGetValue(Number(key), out TimingCacheValue found) ? found : null;

    /// <summary>Keeps what a build measured.</summary>
    public void Add(TimingCacheKey key, TimingCacheValue value) => entries[Number(key)] = value;

    private static Refusal NotFound() => Refusal.Argument("TimingCacheKey not found. Builds add entries; they can be changed and removed only.");

    private static UInt128 Number(TimingCacheKey key) => BinaryPrimitives.ReadUInt128BigEndian((ReadOnlySpan<byte>)key.Data);
}
