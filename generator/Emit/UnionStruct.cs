using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>A structure over all releases, with its layouts.</summary>
internal sealed class UnionStruct
{
    private UnionStruct(string cpp) => Cpp = cpp;

    public string Cpp { get; }

    public string Name => Naming.Last(Cpp);

    public string Namespace => Naming.Namespace(Cpp);

    public Dictionary<ApiModel, StructModel> Models { get; } = [];

    /// <summary>Distinct layouts, the public one first.</summary>
    public List<StructModel> Layouts { get; } = [];

    public static IEnumerable<UnionStruct> Merge(ApiUnion union)
    {
        Dictionary<string, UnionStruct> all = new(StringComparer.Ordinal);
        foreach (ApiModel model in union.Preferred)
        {
            foreach (StructModel item in model.Structs)
            {
                if (ApiUnion.IsDims(item.Name) && item.Fields.Count == 0)
                {
                    continue;
                }

                string name = ApiUnion.PublicName(model, item.Name);
                name = ApiUnion.IsDims(name) ? "nvinfer1::Dims" : name;
                if (!all.TryGetValue(name, out UnionStruct? known))
                {
                    all[name] = known = new UnionStruct(name);
                }

                known.Models[model] = item;
                if (!known.Layouts.Any(layout => Same(layout, item)))
                {
                    known.Layouts.Add(item);
                }
            }
        }

        return all.Values.OrderBy(item => item.Cpp, StringComparer.Ordinal);
    }

    /// <summary>Which layout a release has.</summary>
    public int LayoutIn(ApiModel model) => Models.TryGetValue(model, out StructModel? here) ? Layouts.FindIndex(layout => Same(layout, here)) : 0;

    private static bool Same(StructModel a, StructModel b) => a.Size == b.Size && a.Fields.Select(field => field.Offset).SequenceEqual(b.Fields.Select(field => field.Offset));
}
