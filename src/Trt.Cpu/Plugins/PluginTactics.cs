using System.Diagnostics;
using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Times a plugin's own tactics.</summary>
internal static unsafe class PluginTactics
{
    private const int Runs = 3;

    /// <summary>The fastest tactic, for the shapes that the profile calls usual; 0 where the plugin has none of its own.</summary>
    public static int Choose(Plugin plugin, DynamicPluginTensorDesc[] tensors, int inputs, long workspace)
    {
        int[] tactics = plugin.Tactics();
        if (tactics.Length < 2)
        {
            return tactics.Length == 0 ? 0 : tactics[0];
        }

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

            return fastest;
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
