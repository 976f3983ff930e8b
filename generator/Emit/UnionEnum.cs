using Trt.Generator.Model;

namespace Trt.Generator.Emit;

/// <summary>An enumeration over all releases: 10.16's numbers, and others' from 0x10000 up.</summary>
internal sealed class UnionEnum
{
    private const int FirstOther = 0x10000;

    private UnionEnum(string cpp) => Cpp = cpp;

    public string Cpp { get; }

    public int Id { get; private set; }

    public string Name => Naming.Last(Cpp);

    public string Namespace => Naming.Namespace(Cpp);

    /// <summary>uint8_t or int32_t; C# uses int for both.</summary>
    public string Underlying { get; private set; } = "int32_t";

    /// <summary>C++ name → managed value, in order of value.</summary>
    public List<(string Name, int Value)> Members { get; private set; } = [];

    public Dictionary<ApiModel, EnumModel> Models { get; } = [];

    /// <summary>True when every release has every name it has under the managed value.</summary>
    public bool IsIdentity { get; private set; }

    public static IEnumerable<UnionEnum> Merge(ApiUnion union)
    {
        Dictionary<string, UnionEnum> all = new(StringComparer.Ordinal);
        foreach (ApiModel model in union.Preferred)
        {
            foreach (EnumModel item in model.Enums)
            {
                string name = ApiUnion.PublicName(model, item.Name);
                if (!all.TryGetValue(name, out UnionEnum? known))
                {
                    all[name] = known = new UnionEnum(name) { Underlying = item.Type };
                }

                known.Models[model] = item;
            }
        }

        int id = 0;
        foreach (UnionEnum item in all.Values.OrderBy(item => item.Cpp, StringComparer.Ordinal))
        {
            item.Id = id++;
            item.Number(union);
            yield return item;
        }
    }

    private void Number(ApiUnion union)
    {
        // An enumeration that 10.16 lacks has the numbers of the newest release that has it.
        ApiModel reference = union.Preferred.First(Models.ContainsKey);
        Dictionary<string, int> values = new(StringComparer.Ordinal);
        foreach (EnumMember member in Models[reference].Members)
        {
            values[member.Name] = checked((int)member.Value);
        }

        int next = FirstOther;
        foreach (ApiModel model in union.Releases.Where(Models.ContainsKey))
        {
            foreach (EnumMember member in Models[model].Members.OrderBy(member => member.Value))
            {
                if (!values.ContainsKey(member.Name))
                {
                    values[member.Name] = next++;
                }
            }
        }

        Members = [.. values.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)];
        IsIdentity = Models.Values.All(model => model.Members.All(member => values[member.Name] == member.Value));
    }
}
