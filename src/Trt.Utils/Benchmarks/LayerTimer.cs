using Trt.Interop;

namespace Trt.Utils;

/// <summary>Hears how long each layer took, run by run. Layers are told in the same order in each run; several may have one name.</summary>
internal sealed class LayerTimer : IProfiler
{
    private readonly List<(string Name, List<float> Times)> layers = [];
    private int next;

    /// <summary>How many runs have begun.</summary>
    public int Runs { get; private set; }

    /// <summary>How many times are kept.</summary>
    public long Kept => (long)Runs * layers.Count;

    public void BeginRun()
    {
        Runs++;
        next = 0;
    }

    /// <summary>Forgets what was heard, but not which layers there are.</summary>
    public void Clear()
    {
        Runs = 0;
        layers.ForEach(layer => layer.Times.Clear());
    }

    public void ReportLayerTime(string layerName, float ms)
    {
        if (next == layers.Count)
        {
            layers.Add((layerName, []));
        }
        else if (layers[next].Name != layerName)
        {
            // A run in which some layers were not told, as with conditionals.
            int found = layers.FindIndex(next, layer => layer.Name == layerName);
            found = found < 0 ? layers.FindIndex(layer => layer.Name == layerName) : found;
            if (found < 0)
            {
                layers.Add((layerName, []));
                found = layers.Count - 1;
            }

            next = found;
        }

        layers[next].Times.Add(ms);
        next++;
    }

    /// <summary>The layers that took time, in their order.</summary>
    public LayerTime[] Times()
    {
        double all = layers.Sum(layer => layer.Times.Sum(time => (double)time));
        return [.. layers.Where(layer => layer.Times.Exists(time => time > 0)).Select(layer =>
        {
            double total = layer.Times.Sum(time => (double)time);
            float[] sorted = [.. layer.Times.Order()];
            return new LayerTime(layer.Name, total, total / sorted.Length, (sorted[(sorted.Length - 1) / 2] + (double)sorted[sorted.Length / 2]) / 2, total / all);
        })];
    }
}
