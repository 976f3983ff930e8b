using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Times a plugin's own tactics.</summary>
internal static unsafe class PluginTactics
{
    private const int Runs = 3;

    /// <summary>The fastest tactic, for the shapes that the profile calls usual; 0 where the plugin has none of its own.</summary>
    /// <exception cref="Refusal">The plugin failed, or its time is not in the timing cache and must be.</exception>
    public static int Choose(Plugin plugin, DynamicPluginTensorDesc[] tensors, int inputs, long workspace, CpuBuilderConfig config)
    {
        int[] tactics = plugin.Tactics();
        if (tactics.Length < 2)
        {
            return tactics.Length == 0 ? 0 : tactics[0];
        }

        string? id = config.Settings.Flags.Contains(BuilderFlag.DisableTimingCache) ? null : plugin.TimingCacheId;
        TimingCacheKey? key = id is null || config.Timings is null ? null : KeyOf(plugin, id, tensors);
        if (key is { } known && config.Timings!.TryGet(known) is { TimingMSec: >= 0 } kept && Array.Exists(tactics, tactic => (uint)tactic == kept.TacticHash))
        {
            return (int)(uint)kept.TacticHash;
        }

        if (config.Settings.Flags.Contains(BuilderFlag.ErrorOnTimingCacheMiss))
        {
            throw plugin.Failure("the timing cache has no time of its tactics for these shapes, and the build's flags forbid to measure it.", ErrorCode.InvalidState);
        }

        (int fastest, float milliseconds) = Measure(plugin, tactics, tensors, inputs, workspace);
        if (key is { } missed)
        {
            config.Timings!.Add(missed, new TimingCacheValue { TacticHash = (uint)fastest, TimingMSec = milliseconds });
        }

        return fastest;
    }

    /// <summary>Hashes what the times depend on: the plugin, what it says of its making, and shapes, types and formats.</summary>
    private static TimingCacheKey KeyOf(Plugin plugin, string id, DynamicPluginTensorDesc[] tensors)
    {
        string text = string.Join('\n', tensors.Select(tensor => $"{tensor.Desc.Type} {tensor.Desc.Format} {tensor.Min} {tensor.Opt} {tensor.Max}").Prepend($"{plugin.Identity}\n{id}"));
        TimingCacheKey key = default;
        SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, ((Span<byte>)key.Data).Length).CopyTo(key.Data);
        return key;
    }

    private static (int Tactic, float Milliseconds) Measure(Plugin plugin, int[] tactics, DynamicPluginTensorDesc[] tensors, int inputs, long workspace)
    {
        PluginTensorDesc[] descs = Array.ConvertAll(tensors, tensor => tensor.Desc with { Dims = tensor.Opt });
        NativeBlob[] memory = Array.ConvertAll(tensors, tensor => Cleared(PluginFormats.BytesOf(tensor.Desc.Format, tensor.Desc.Type, tensor.Max)));
        using NativeBlob scratch = Cleared(workspace);
        try
        {
            nint[] addresses = Array.ConvertAll(memory, blob => blob.Address);
            long best = long.MaxValue;
            int fastest = 0;
            foreach (int tactic in tactics)
            {
                plugin.SetTactic(tactic);
                plugin.ChangeShapes(descs[..inputs], descs[inputs..]);
                for (int run = 0; run < Runs; run++)
                {
                    long start = Stopwatch.GetTimestamp();
                    fixed (PluginTensorDesc* first = descs)
                    fixed (nint* address = addresses)
                    {
                        plugin.Enqueue(first, first + inputs, address, address + inputs, scratch.Address);
                    }

                    long taken = Stopwatch.GetTimestamp() - start;
                    if (run > 0 && taken < best)
                    {
                        best = taken;
                        fastest = tactic;
                    }
                }
            }

            return (fastest, (float)Stopwatch.GetElapsedTime(0, best).TotalMilliseconds);
        }
        finally
        {
            Array.ForEach(memory, blob => blob.Dispose());
        }
    }

    private static NativeBlob Cleared(long bytes)
    {
        NativeBlob blob = new(bytes);
        NativeMemory.Clear((void*)blob.Address, (nuint)bytes);
        return blob;
    }
}
