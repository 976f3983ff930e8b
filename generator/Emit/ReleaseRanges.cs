using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>Releases as ranges: "8.5.3–11.1, RTX 1.3–1.6".</summary>
internal static class ReleaseRanges
{
    public static string Text(ApiUnion union, Func<ApiModel, bool> has)
    {
        List<string> parts = [];
        foreach (string library in new[] { "tensorrt", "tensorrt-rtx" })
        {
            ApiModel[] all = [.. union.Releases.Where(model => model.Library == library)];
            for (int i = 0; i < all.Length; i++)
            {
                if (!has(all[i]))
                {
                    continue;
                }

                int last = i;
                while (last + 1 < all.Length && has(all[last + 1]))
                {
                    last++;
                }

                string prefix = library == "tensorrt" ? "TensorRT " : "RTX ";
                parts.Add(prefix + (last == i ? all[i].Release : $"{all[i].Release}–{all[last].Release}"));
                i = last;
            }
        }

        return string.Join(", ", parts);
    }
}
