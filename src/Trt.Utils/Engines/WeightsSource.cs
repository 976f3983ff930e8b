using System.Security.Cryptography;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Weights with the model builder that makes a network of them.</summary>
/// <param name="name">The file, or what the weights are called.</param>
/// <param name="open">Weights that are open already; null: the name is a file's.</param>
/// <param name="model">The architecture, or null to find it.</param>
/// <param name="key">Stands for the settings of the model builder.</param>
internal sealed class WeightsSource(string name, WeightsMap? open, IModelBuilder? model, string? key) : ModelSource("weights", name)
{
    public override string? ComputeHash()
    {
        // The settings of somebody's own builder cannot be seen from here; those of the known ones are in their texts.
        if (model is not null && key is null && !ModelBuilders.All.Any(known => known.GetType() == model.GetType()))
        {
            return null;
        }

        using WeightsMap? own = open is null ? WeightsMap.Open(Name) : null;
        WeightsMap weights = (open ?? own!).Rename(part => part);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append($"weights\n{Builder(weights)}\n{key}\n");
        foreach (string tensor in weights.Names.Order(StringComparer.Ordinal))
        {
            TorchTensor values = weights[tensor].Tensor;
            Append($"{tensor}\n{values.DType}\n{string.Join('x', values.Shape)}\n");
            AppendValues(hash, values);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
    }

    internal override IDisposable? Define(BuildWork work, INetworkDefinition network)
    {
        WeightsMap? own = open is null ? WeightsMap.Open(Name) : null;
        try
        {
            WeightsMap weights = (open ?? own!).Rename(part => part);
            IModelBuilder builder = Builder(weights);
            builder.Define(network, weights);
            foreach (ModelInput input in builder.InputsFor(weights))
            {
                work.SuggestedShapes[input.Name] = new ShapeRange(input.Min.ToArray(), input.Opt.ToArray(), input.Max.ToArray());
            }

            if (weights.Unused is { Count: > 0 } unused)
            {
                work.Warn($"{Name}: {builder.Name} does not use {unused.Count} of the tensors: {NetworkOptions.Listed(unused)}.");
            }

            return own;
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    private IModelBuilder Builder(WeightsMap weights) => model ?? ModelBuilders.Find(weights)
        ?? throw new BuildRefusedException($"{Name}: none of {string.Join(", ", ModelBuilders.All.Select(known => known.Name))} recognises these weights. Say which model builder they are for, or define the network by a function.");

    private static unsafe void AppendValues(IncrementalHash hash, TorchTensor tensor)
    {
        const int piece = 1 << 30;
        byte* start = (byte*)tensor.Pointer;
        for (long done = 0, bytes = tensor.ByteCount; done < bytes; done += piece)
        {
            hash.AppendData(new ReadOnlySpan<byte>(start + done, (int)Math.Min(piece, bytes - done)));
        }

        GC.KeepAlive(tensor);
    }
}
